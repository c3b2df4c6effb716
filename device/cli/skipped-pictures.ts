import { describeError, exitCode, MienError } from '../core/errors.ts';

/** Skipped pictures: each is named on stderr, and any of them makes the command fail at its end. */
export class SkippedPictures {
  #count = 0;

  readonly add = (fault: MienError): void => {
    this.#count += 1;
    process.stderr.write(`mien: ${describeError(fault)}\n`);
  };

  /**
   * @param source of the pictures, for the message
   * @throws MienError (badData) if a picture was skipped
   */
  require(source: string): void {
    if (this.#count === 0) return;
    const [pictures, ones] = this.#count === 1 ? ['1 picture', 'it'] : [`${this.#count} pictures`, 'them'];
    throw new MienError(`${pictures} of ${source} could not be used`, {
      code: exitCode.badData,
      remedy: `The reasons are listed above; repair ${ones} or remove ${ones}`,
    });
  }
}
