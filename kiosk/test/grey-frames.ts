import type { Browser } from 'playwright-core';
import type { LiveFrame } from '../../device/core/types.ts';
import { type Fixture, makeFace, makeReading } from '../../device/lab/fixtures/http-fixture.ts';
import type { Stage } from './stage.ts';

const greys = 16;

/** Frame n has one grey level, so that a pixel of the canvas identifies the shown frame. */
export const greyOf = (frame: number) => 8 + (frame % greys) * 15;

/** Real JPEGs, drawn and encoded by the browser itself. */
export async function drawGreys(browser: Browser): Promise<Uint8Array[]> {
  const page = await browser.newPage();
  const encoded = (await page.evaluate(`${JSON.stringify([...Array(greys).keys()].map(greyOf))}.map((grey) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 480 });
    const context = canvas.getContext('2d');
    context.fillStyle = 'rgb(' + grey + ' ' + grey + ' ' + grey + ')';
    context.fillRect(0, 0, 640, 480);
    return canvas.toDataURL('image/jpeg', 0.9).split(',')[1];
  })`)) as string[];
  await page.close();
  return encoded.map((text) => Buffer.from(text, 'base64'));
}

/** Plays frames with one face each until stopped. */
export function playGreys(
  { release }: Stage,
  { live }: Fixture,
  jpegs: readonly Uint8Array[],
  face = makeFace('happy'),
): { stop: () => void } {
  let frame = 0;
  const timer = setInterval(() => {
    const reading = makeReading(frame, { ts: Date.now(), faces: [face] });
    live.emit({ reading, jpeg: jpegs[frame % greys]! } satisfies LiveFrame);
    frame += 1;
  }, 40);
  const stop = () => clearInterval(timer);
  release.push(stop);
  return { stop };
}
