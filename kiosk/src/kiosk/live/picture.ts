import type { Reading } from '../../../../device/core/types.ts';
import type { Frame } from './frame.ts';
import { drawOverlay } from './overlay.ts';

/**
 * The canvas with the live picture. Picture and overlay come from one message and are drawn together, so they always
 * belong to the same frame. While one frame is decoded or waits for the screen, only the newest of the later ones is kept.
 */
export class LivePicture {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #onDrawn: (reading: Reading) => void;
  readonly #onFault: (fault: unknown) => void;
  #waiting: Frame | undefined;
  #busy = false;
  #shown: { bitmap: ImageBitmap; reading: Reading } | undefined;

  constructor(options: {
    canvas: HTMLCanvasElement;
    onDrawn: (reading: Reading) => void;
    onFault: (fault: unknown) => void;
  }) {
    const context = options.canvas.getContext('2d', { alpha: false });
    if (!context) throw new Error('this browser has no 2D canvas');
    this.#canvas = options.canvas;
    this.#context = context;
    this.#onDrawn = options.onDrawn;
    this.#onFault = options.onFault;
  }

  show(frame: Frame): void {
    this.#waiting = frame;
    if (!this.#busy) void this.#drain();
  }

  /** In pixels of the screen. Draws the last picture again, because resizing clears a canvas. */
  resize(width: number, height: number): void {
    if (width === this.#canvas.width && height === this.#canvas.height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
    this.#draw();
  }

  async #drain(): Promise<void> {
    this.#busy = true;
    for (let frame = this.#take(); frame; frame = this.#take()) {
      try {
        await this.#present(frame);
      } catch (fault) {
        this.#onFault(fault);
      }
    }
    this.#busy = false;
  }

  #take(): Frame | undefined {
    const frame = this.#waiting;
    this.#waiting = undefined;
    return frame;
  }

  async #present({ reading, jpeg }: Frame): Promise<void> {
    const bitmap = await createImageBitmap(new Blob([jpeg], { type: 'image/jpeg' }));
    await new Promise(requestAnimationFrame);
    this.#shown?.bitmap.close();
    this.#shown = { bitmap, reading };
    this.#draw();
    this.#onDrawn(reading);
  }

  #draw(): void {
    if (!this.#shown) return;
    const { bitmap, reading } = this.#shown;
    this.#context.drawImage(bitmap, 0, 0, this.#canvas.width, this.#canvas.height);
    drawOverlay(this.#context, reading);
    this.#canvas.dataset.frame = String(reading.frame);
    this.#canvas.dataset.boxes = String(reading.faces.length);
    this.#canvas.dataset.labels = reading.faces.map((face) => face.label).join(' ');
  }
}
