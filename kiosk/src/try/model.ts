import { ApiProblem } from '../api/client.ts';
import { classify, type Found } from './classify.ts';
import { texts } from './messages/texts.ts';

/** What the page shows. The picture stays in this browser's memory until the next one takes its place. */
export type State = { readonly kind: 'empty' | 'camera' } | Given;

/** A picture has been given. */
export type Given =
  | { readonly kind: 'looking'; readonly bitmap: ImageBitmap | undefined }
  | { readonly kind: 'found'; readonly bitmap: ImageBitmap; readonly found: Found }
  | { readonly kind: 'failed'; readonly bitmap: ImageBitmap | undefined; readonly problem: ApiProblem };

/** One picture at a time: a new one, or leaving, calls off the one before. */
export class TryModel {
  readonly #onState: (state: State) => void;
  #running = new AbortController();
  #picture: Blob | undefined;

  constructor(onState: (state: State) => void) {
    this.#onState = onState;
  }

  show(kind: 'empty' | 'camera'): void {
    this.#running.abort();
    this.#picture = undefined;
    this.#onState({ kind });
  }

  /** The same picture again, after it failed. */
  again(): void {
    if (this.#picture) void this.look(this.#picture);
  }

  async look(picture: Blob): Promise<void> {
    this.#running.abort();
    const running = new AbortController();
    this.#running = running;
    this.#picture = picture;
    const say = (state: State) => {
      if (!running.signal.aborted) this.#onState(state);
    };
    say({ kind: 'looking', bitmap: undefined });
    // A browser that cannot open it may still be right about a picture that the device cannot open either: the device says.
    const bitmap = await createImageBitmap(picture).catch(() => undefined);
    say({ kind: 'looking', bitmap });
    try {
      const found = await classify(picture, running.signal);
      say(
        bitmap
          ? { kind: 'found', bitmap, found }
          : { kind: 'failed', bitmap, problem: new ApiProblem(415, { detail: texts.cannotShow }) },
      );
    } catch (fault) {
      const problem = fault instanceof ApiProblem ? fault : new ApiProblem(0, { detail: texts.noAnswer });
      say({ kind: 'failed', bitmap, problem });
    }
  }
}
