import { describeError, exitCode, MienError } from '../core/errors.ts';

/** Pictures that could not be used: each is named on stderr and skipped, and they decide the exit code in the end. */
export class SkippedPictures {
  #count = 0;

  readonly add = (fault: MienError): void => {
    this.#count += 1;
    process.stderr.write(`mien: ${describeError(fault)}\n`);
  };

  /**
   * @param what the pictures were part of, for the message
   * @throws MienError (badData) when one was skipped
   */
  require(what: string): void {
    if (this.#count === 0) return;
    const [pictures, ones] = this.#count === 1 ? ['1 picture', 'it'] : [`${this.#count} pictures`, 'them'];
    throw new MienError(`${pictures} of ${what} could not be used`, {
      code: exitCode.badData,
      remedy: `The reasons are named above; mend ${ones} or take ${ones} out`,
    });
  }
}
