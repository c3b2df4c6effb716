/** Entry point of the doctor's process: runs all checks, sends the findings, and ends. Started by `examineApart`. */
import type { ConfigInputs } from '../../config/load.ts';
import { examine } from './doctor.ts';

process.once('message', async (inputs: ConfigInputs) => {
  const findings = await examine(inputs);
  process.send?.(findings, () => process.disconnect());
});
