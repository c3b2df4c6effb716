import { exitCode, MienError } from '../../core/errors.ts';
import { untilStopped } from '../signals.ts';

export interface Stopped {
  /** Undefined until a signal has come. */
  readonly fault: MienError | undefined;
}

/** Watches for a signal during a long write, so that no incomplete file stays. */
export function whenStopped(): Stopped {
  let fault: MienError | undefined;
  void untilStopped().then(() => {
    const remedy = 'No file was written. Start the command again';
    fault = new MienError('Stopped before the end', { code: exitCode.failure, remedy });
  });
  return {
    get fault() {
      return fault;
    },
  };
}
