import type { Browser } from 'playwright-core';
import type { Face } from '../core/types.ts';

export interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly faces: readonly Face[];
  /** Written into the corner as a grey from black to white, so that a pixel tells which frame is shown. */
  readonly grey?: number;
}

/**
 * A picture of drawn people whose heads fill the boxes of these faces, as JPEG: no photograph of anybody. Drawn and encoded
 * by the browser itself.
 */
export async function drawPeople(browser: Browser, drawings: readonly Drawing[]): Promise<Uint8Array[]> {
  const page = await browser.newPage();
  const encoded = (await page.evaluate(`(${draw})(${JSON.stringify(drawings)})`)) as string[];
  await page.close();
  return encoded.map((text) => Buffer.from(text, 'base64'));
}

/** Runs in the browser, where this file's types mean nothing. */
const draw = `(drawings) => drawings.map(({ width, height, faces, grey }) => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const c = canvas.getContext('2d');
  const wall = c.createLinearGradient(0, 0, 0, height);
  wall.addColorStop(0, '#7d8a91'); wall.addColorStop(0.7, '#a9aea6'); wall.addColorStop(0.71, '#6f6558'); wall.addColorStop(1, '#544b41');
  c.fillStyle = wall; c.fillRect(0, 0, width, height);
  const skins = ['#e0ac8a', '#8d5a3c', '#f0c9a8', '#c58a63', '#6b4530'];
  const cloths = ['#2f5d7c', '#7a3b46', '#3d6b52', '#5b4a80', '#8a6a2f'];
  const hairs = ['#2a211d', '#5a3a22', '#14110f', '#8a6a45', '#3b3b40'];
  for (const [i, { box, label }] of faces.entries()) {
    const x = box.x + box.width / 2, y = box.y + box.height / 2, r = box.width / 2;
    c.fillStyle = cloths[i % 5];
    c.beginPath(); c.ellipse(x, y + r * 3.1, r * 1.9, r * 1.9, 0, Math.PI, 0); c.rect(x - r * 1.9, y + r * 3.05, r * 3.8, height); c.fill();
    c.fillStyle = skins[i % 5]; c.fillRect(x - r * 0.38, y + r * 0.6, r * 0.76, r * 0.9);
    c.fillStyle = hairs[i % 5]; c.beginPath(); c.ellipse(x, y - r * 0.2, r * 0.98, r * 1.12, 0, 0, 7); c.fill();
    c.fillStyle = skins[i % 5]; c.beginPath(); c.ellipse(x, y + r * 0.12, r * 0.8, r, 0, 0, 7); c.fill();
    c.fillStyle = '#1c1512';
    for (const side of [-1, 1]) { c.beginPath(); c.ellipse(x + side * r * 0.32, y - r * 0.05, r * 0.09, r * (label === 'surprise' ? 0.13 : 0.09), 0, 0, 7); c.fill(); }
    c.strokeStyle = '#5d2a22'; c.lineWidth = r * 0.09; c.lineCap = 'round'; c.beginPath();
    const bend = { happy: 0.3, sad: -0.25, angry: -0.15 }[label] ?? 0;
    if (label === 'surprise') c.ellipse(x, y + r * 0.62, r * 0.16, r * 0.22, 0, 0, 7);
    else { c.moveTo(x - r * 0.34, y + r * (0.58 - bend / 3)); c.quadraticCurveTo(x, y + r * (0.58 + bend), x + r * 0.34, y + r * (0.58 - bend / 3)); }
    c.stroke();
  }
  if (grey !== undefined) { c.fillStyle = 'rgb(' + grey + ' ' + grey + ' ' + grey + ')'; c.fillRect(0, height - 32, 32, 32); }
  return canvas.toDataURL('image/jpeg', 0.85).split(',')[1];
})`;
