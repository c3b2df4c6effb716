import { ApiProblem } from '../api/client.ts';
import { classify, type Found } from './classify.ts';
import { texts } from './messages/texts.ts';

/** State of the page. The picture stays in this browser's memory until the next one replaces it. */
export type State = { readonly kind: 'empty' | 'camera' } | Given;

/** A picture has been given. */
export type Given =
  | { readonly kind: 'looking'; readonly bitmap: ImageBitmap | undefined }
  | { readonly kind: 'found'; readonly bitmap: ImageBitmap; readonly found: Found }
  | { readonly kind: 'failed'; readonly bitmap: ImageBitmap | undefined; readonly problem: ApiProblem };

/** One picture at a time: a new picture, or leaving the page, cancels the request for the one before. */
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

  /** Sends the same picture again after a failure. */
  again(): void {
    if (this.#picture) void this.look(this.#picture);
  }

  async look(picture: Blob): Promise<void> {
    this.#running.abort();
    const running = new AbortController();
    this.#running = running;
    this.#picture = picture;
    const update = (state: State) => {
      if (!running.signal.aborted) this.#onState(state);
    };
    update({ kind: 'looking', bitmap: undefined });
    // The browser cannot open the picture; the device decides whether it can.
    const bitmap = await createImageBitmap(picture).catch(() => undefined);
    update({ kind: 'looking', bitmap });
    try {
      const found = await classify(picture, running.signal);
      update(
        bitmap
          ? { kind: 'found', bitmap, found }
          : { kind: 'failed', bitmap, problem: new ApiProblem(415, { detail: texts.cannotShow }) },
      );
    } catch (fault) {
      const problem = fault instanceof ApiProblem ? fault : new ApiProblem(0, { detail: texts.noAnswer });
      update({ kind: 'failed', bitmap, problem });
    }
  }
}
