/** The doctor's process: looks at everything, tells what it found, and ends. Started by `examineApart`. */
import type { ConfigInputs } from '../../config/load.ts';
import { examine } from './doctor.ts';

process.once('message', async (inputs: ConfigInputs) => {
  const findings = await examine(inputs);
  process.send?.(findings, () => process.disconnect());
});
