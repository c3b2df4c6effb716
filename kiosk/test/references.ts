import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

/** Longest side of a kept picture, in pixels. */
const keptSide = 640;
/** Letters differ a little between machines. A part of the page that has moved differs far more. */
const maxMeanDifference = 3;
const maxBlockDifference = 48;

/**
 * Reviewed screenshots, small and as WebP. MIEN_UPDATE_REFERENCES=1 writes them again: look at each
 * before you commit it.
 */
export class References {
  readonly #browser: Browser;
  readonly #folder: string;
  #canvas: Promise<Page> | undefined;

  constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  /** The difference from the kept picture, in one line; undefined if they look alike. */
  async differs(name: string, page: Page): Promise<string | undefined> {
    // JPEG encodes many times faster than PNG, and is as good after the reduction.
    const screenshot = dataUrl('jpeg', await page.screenshot({ type: 'jpeg', quality: 95 }));
    const file = join(this.#folder, `${name}.webp`);
    if (process.env.MIEN_UPDATE_REFERENCES === '1') {
      mkdirSync(dirname(file), { recursive: true });
      const shrunk = await this.#evaluate<string>(`shrink(${JSON.stringify(screenshot)})`);
      writeFileSync(file, Buffer.from(shrunk.split(',')[1]!, 'base64'));
      return undefined;
    }
    if (!existsSync(file)) return `${file} is missing; make it with MIEN_UPDATE_REFERENCES=1 and look at it`;
    const kept = dataUrl('webp', readFileSync(file));
    // Reduce it to the size of the kept picture: otherwise letters alone would differ by 6.
    const { mean, block } = await this.#evaluate<{ mean: number; block: number }>(
      `shrink(${JSON.stringify(screenshot)}).then((shrunk) => compare(shrunk, ${JSON.stringify(kept)}))`,
    );
    if (mean <= maxMeanDifference && block <= maxBlockDifference) return undefined;
    return `${name} differs from ${file} by ${mean.toFixed(1)} on average, ${block.toFixed(1)} at one place (of 255)`;
  }

  async #evaluate<Result>(expression: string): Promise<Result> {
    this.#canvas ??= this.#browser.newPage();
    return (await this.#canvas).evaluate<Result>(`{ ${functions}; ${expression} }`);
  }
}

function dataUrl(type: string, bytes: Uint8Array): string {
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

/** Runs in the browser. `shrink` makes a kept picture. `compare` gives the mean and the worst block. */
const functions = `
  const decode = async (url, options) => createImageBitmap(await (await fetch(url)).blob(), options);
  const canvasOf = (width, height) => Object.assign(document.createElement('canvas'), { width, height });
  const shrink = async (url) => {
    const image = await decode(url);
    const scale = Math.min(1, ${keptSide} / Math.max(image.width, image.height));
    const canvas = canvasOf(Math.round(image.width * scale), Math.round(image.height * scale));
    const context = canvas.getContext('2d');
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.toDataURL('image/webp', 0.6);
  };
  const compare = async (one, other) => {
    const side = 160, cells = 8;
    const pixelsOf = async (url) => {
      const image = await decode(url, { resizeWidth: side, resizeHeight: side, resizeQuality: 'high' });
      const context = canvasOf(side, side).getContext('2d');
      context.drawImage(image, 0, 0);
      return context.getImageData(0, 0, side, side).data;
    };
    const [a, b] = await Promise.all([pixelsOf(one), pixelsOf(other)]);
    const blocks = new Float64Array(cells * cells);
    for (let at = 0; at < a.length; at += 4) {
      const pixel = at / 4, x = pixel % side, y = Math.floor(pixel / side);
      const difference = (Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2])) / 3;
      blocks[Math.floor((y * cells) / side) * cells + Math.floor((x * cells) / side)] += difference;
    }
    const size = (side / cells) ** 2;
    return { mean: blocks.reduce((sum, each) => sum + each, 0) / (side * side), block: Math.max(...blocks) / size };
  }`;
