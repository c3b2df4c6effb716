import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

/** Longest side of a kept picture, in pixels. */
const keptSide = 640;
/** Letters are drawn a little differently from machine to machine; a part of the page that has moved is far beyond this. */
const mostMeanDifference = 3;
const mostBlockDifference = 48;

/**
 * Screenshots that somebody has looked at, small and as WebP. MIEN_UPDATE_REFERENCES=1 writes them anew: look at each
 * before you commit it.
 */
export class References {
  readonly #folder: string;
  readonly #page: Page;

  private constructor(folder: string, page: Page) {
    this.#folder = folder;
    this.#page = page;
  }

  static async open(browser: Browser, folder: string): Promise<References> {
    mkdirSync(folder, { recursive: true });
    return new References(folder, await browser.newPage());
  }

  /** What differs from the kept picture, in one line; nothing where they look alike. */
  async differs(name: string, screenshot: Uint8Array): Promise<string | undefined> {
    const file = join(this.#folder, `${name}.webp`);
    if (process.env.MIEN_UPDATE_REFERENCES === '1') {
      writeFileSync(file, await this.#shrink(screenshot));
      return undefined;
    }
    if (!existsSync(file)) return `${file} is missing; make it with MIEN_UPDATE_REFERENCES=1 and look at it`;
    // Made as small as the kept one is, or letters alone would differ by 6.
    const { mean, block } = await this.#compare(await this.#shrink(screenshot), readFileSync(file));
    if (mean <= mostMeanDifference && block <= mostBlockDifference) return undefined;
    return `${name} differs from ${file} by ${mean.toFixed(1)} on average, ${block.toFixed(1)} at one place (of 255)`;
  }

  async close(): Promise<void> {
    await this.#page.close();
  }

  async #shrink(png: Uint8Array): Promise<Buffer> {
    const url = (await this.#page.evaluate(`(async () => {
      const image = await createImageBitmap(await (await fetch(${JSON.stringify(dataUrl(png))})).blob());
      const scale = Math.min(1, ${keptSide} / Math.max(image.width, image.height));
      const canvas = Object.assign(document.createElement('canvas'), {
        width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      return canvas.toDataURL('image/webp', 0.6);
    })()`)) as string;
    return Buffer.from(url.split(',')[1]!, 'base64');
  }

  /** Mean difference of the channels, over all and in the worst of the blocks of an eighth of the width. */
  #compare(one: Uint8Array, other: Uint8Array): Promise<{ mean: number; block: number }> {
    return this.#page.evaluate(`(async () => {
      const side = 160, cells = 8;
      const pixelsOf = async (url) => {
        const image = await createImageBitmap(await (await fetch(url)).blob(), { resizeWidth: side, resizeHeight: side, resizeQuality: 'high' });
        const context = Object.assign(document.createElement('canvas'), { width: side, height: side }).getContext('2d');
        context.drawImage(image, 0, 0);
        return context.getImageData(0, 0, side, side).data;
      };
      const [a, b] = await Promise.all([${JSON.stringify(dataUrl(one))}, ${JSON.stringify(dataUrl(other))}].map(pixelsOf));
      const blocks = new Float64Array(cells * cells);
      for (let at = 0; at < a.length; at += 4) {
        const pixel = at / 4, x = pixel % side, y = Math.floor(pixel / side);
        const difference = (Math.abs(a[at] - b[at]) + Math.abs(a[at + 1] - b[at + 1]) + Math.abs(a[at + 2] - b[at + 2])) / 3;
        blocks[Math.floor((y * cells) / side) * cells + Math.floor((x * cells) / side)] += difference;
      }
      const size = (side / cells) ** 2;
      return { mean: blocks.reduce((sum, each) => sum + each, 0) / (side * side), block: Math.max(...blocks) / size };
    })()`);
  }
}

function dataUrl(bytes: Uint8Array): string {
  const type = bytes[0] === 0x89 ? 'png' : 'webp';
  return `data:image/${type};base64,${Buffer.from(bytes).toString('base64')}`;
}
