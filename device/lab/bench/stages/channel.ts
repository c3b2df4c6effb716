import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { FromVision } from '../../../vision/messages.ts';

/** A process behind the same kind of channel as the one between vision process and daemon. */
export class Channel {
  readonly #child: ChildProcess;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./echo.js', import.meta.url)), [], { serialization: 'advanced' });
  }

  /** Resolves when the other process has the message and its short answer is back. */
  async roundTrip(message: FromVision): Promise<void> {
    const answer = once(this.#child, 'message');
    this.#child.send(message);
    await answer;
  }

  async close(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.disconnect();
    await gone;
  }
}
