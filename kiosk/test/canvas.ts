import type { Page } from 'playwright-core';

/** Colour of the picture at a place given in parts of its size. */
export function pixel(page: Page, x: number, y: number): Promise<number[]> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[data-testid=picture]');
    const at = [Math.round(${x} * canvas.width), Math.round(${y} * canvas.height)];
    return [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data].slice(0, 3);
  })()`);
}

/** Whether anything in the first chart is of this colour. */
export function chartHas(page: Page, colour: readonly number[]): Promise<boolean> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('.plot canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    const [r, g, b] = ${JSON.stringify(colour)};
    for (let at = 0; at < data.length; at += 4) if (data[at] === r && data[at + 1] === g && data[at + 2] === b) return true;
    return false;
  })()`);
}
