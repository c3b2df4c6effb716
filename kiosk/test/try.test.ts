import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import { makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations, wcagViolationsOfLook } from './axe.ts';
import { pixel } from './canvas.ts';
import { type Opened, type OpenOptions, openPage } from './operator-page.ts';
import { screens } from './screens.ts';
import { describeInChromium, setStage } from './stage.ts';

/** Two faces, the right one first, as a device may answer. */
const faces = [
  makeFace('uncertain', { x: 400, y: 140, width: 120, height: 120 }, 2, 'turned'),
  makeFace('happy', { x: 120, y: 120, width: 150, height: 150 }),
];
const found = {
  width: 640,
  height: 480,
  faces: faces.map(({ track: _track, ...face }) => face),
  ms: 42,
};

describeInChromium('the page to try a picture', () => {
  let file: { name: string; mimeType: string; buffer: Buffer };
  const stage = setStage({
    pictures: 'try',
    prepare: async (browser) => {
      const [jpeg] = await drawPeople(browser, [{ width: 640, height: 480, faces }]);
      file = { name: 'two.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg!) };
    },
  });

  function openTry(classify: unknown, options: Partial<OpenOptions> = {}, query = ''): Promise<Opened> {
    return openPage(stage, { path: `/try?${query}`, answers: { '/classify': classify }, ...options });
  }

  const state = (page: Page, kind: string) => page.locator(`[data-testid=try][data-state=${kind}]`).waitFor();

  test('a chosen picture gets a card per face, from left to right, and boxes', async () => {
    const { page, requests, complaints } = await openTry(found);
    expect(await page.getByTestId('kept').textContent()).toContain('Nothing is kept.');
    expect(await wcagViolations(page)).toEqual([]);
    await page.getByTestId('file').setInputFiles(file);
    await state(page, 'found');
    expect(requests.filter((each) => each.startsWith('POST')).length).toBe(1);
    const cards = page.getByTestId('face');
    expect(await cards.locator('h3').allTextContents()).toEqual(['Face 1Happy', 'Face 2Not clear']);
    expect(await cards.first().locator('.bars li').count()).toBe(7);
    expect(await cards.first().locator('.bars').textContent()).toContain('Happy88%');
    expect(await cards.nth(1).getByTestId('unnamed').textContent()).toBe('Turned away');
    expect(await cards.nth(1).textContent(), 'no guesses of a face without a name').not.toContain('%');
    expect(await page.getByRole('heading', { name: '2 faces' }).count()).toBe(1);
    expect(await page.getByTestId('picture').getAttribute('aria-label')).toBe('Your picture with 2 faces marked');
    // On the left edge of the happy one's box, and on the wall beside it.
    expect(await pixel(page, 120 / 640, 200 / 480)).toEqual([0xfd, 0xd6, 0x3b]);
    expect(await pixel(page, 40 / 640, 200 / 480)).not.toEqual([0xfd, 0xd6, 0x3b]);
    expect(await page.evaluate('document.activeElement.dataset.testid')).toBe('outcome');
    expect(complaints).toEqual([]);
  });

  test('a dropped or pasted picture is analysed like a chosen one', async () => {
    const { page, requests } = await openTry(found);
    await page.getByTestId('file').waitFor({ state: 'attached' });
    for (const kind of ['drop', 'paste']) {
      await (kind === 'drop' ? drop(page, file) : paste(page, file));
      await page.getByRole('heading', { name: '2 faces' }).waitFor();
    }
    await expect.poll(() => requests.filter((each) => each.startsWith('POST')).length).toBe(2);
  });

  test('the camera of the browser takes a picture, and is released', async () => {
    const { page } = await openTry(found, { permissions: ['camera'] });
    await page.getByRole('button', { name: 'Take a picture' }).click();
    const shoot = page.getByRole('button', { name: 'Take it' });
    await page.locator('.button.primary:not([disabled])', { hasText: 'Take it' }).waitFor();
    await page.evaluate(`window.track = document.querySelector('video').srcObject.getTracks()[0]`);
    expect(await wcagViolations(page)).toEqual([]);
    await shoot.click();
    await state(page, 'found');
    expect(await page.evaluate('window.track.readyState')).toBe('ended');
  });

  test('a camera that cannot be opened is reported, and a file can be chosen instead', async () => {
    const { page } = await openTry(found);
    for (const [name, text] of [
      ['NotAllowedError', 'This browser may not use the camera.'],
      ['NotFoundError', 'This machine has no camera.'],
      ['NotReadableError', 'The camera cannot be used at the moment.'],
    ] as const) {
      await page.evaluate(
        `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '${name}'))`,
      );
      await page.getByRole('button', { name: 'Take a picture' }).click();
      await page.getByText(text).waitFor();
      expect(await page.getByRole('button', { name: 'Take it' }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await state(page, 'empty');
    }
  });

  test('a picture without a face is reported', async () => {
    const { page } = await openTry({ ...found, faces: [] });
    await page.getByTestId('file').setInputFiles(file);
    await page.getByRole('heading', { name: 'No face was found' }).waitFor();
    expect(await wcagViolations(page)).toEqual([]);
    expect(await stage.references.differs('nobody', page)).toBeUndefined();
  });

  test('a refusal by the device is shown in words for visitors', async () => {
    const { page } = await openTry({
      problem: {
        status: 422,
        code: 'damaged',
        detail: 'premature end of /tmp/upload-1',
        remedy: 'Send the whole file.',
      },
    });
    await page.getByTestId('file').setInputFiles(file);
    await page.getByTestId('failure').getByText('The file is damaged or incomplete.').waitFor();
    expect(await page.locator('body').textContent()).not.toMatch(/premature|upload|Send the/);
    expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
    expect(await wcagViolations(page)).toEqual([]);
    expect(await stage.references.differs('refused', page)).toBeUndefined();
  });

  test('a device that does not answer can be tried again', async () => {
    let answer: unknown = 'no answer';
    const { page } = await openTry(() => answer);
    await page.getByTestId('file').setInputFiles(file);
    await page.getByText('The device does not answer.').waitFor();
    answer = found;
    await page.getByRole('button', { name: 'Try again' }).click();
    await state(page, 'found');
  });

  test('a text and too large a picture are refused before they are sent', async () => {
    const { page, requests } = await openTry(found);
    await page
      .getByTestId('file')
      .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await page.getByTestId('failure').getByText('This is text/plain. Expected:').waitFor();
    await transfer(page, 'new Uint8Array(12_300_000)', 'a.png', 'image/png', 'drop');
    const tooLarge = 'The picture has 12.3 MB; at most 10 MB are accepted.';
    await page.getByTestId('failure').getByText(tooLarge).waitFor();
    expect(requests.some((each) => each.startsWith('POST'))).toBe(false);
  });

  test('the page says that it analyses a picture; another picture cancels that', async () => {
    let answer: unknown = 'never';
    const { page } = await openTry(() => answer);
    await page.getByTestId('file').setInputFiles(file);
    await state(page, 'looking');
    await page.getByTestId('picture').waitFor();
    await page.getByText('Analysing the picture', { exact: true }).waitFor();
    expect(await wcagViolations(page)).toEqual([]);
    answer = found;
    await drop(page, file);
    await state(page, 'found');
  });

  test.each(screens)('fits a %s screen, and breaks no rule of WCAG 2.2 AA', async (name, viewport, looks) => {
    const inAxe = name === 'small' ? wcagViolations : wcagViolationsOfLook;
    const { page, complaints } = await openTry(found, { viewport }, looks);
    await page.getByTestId('file').waitFor({ state: 'attached' });
    await page.evaluate('document.fonts.ready');
    expect(await inAxe(page)).toEqual([]);
    expect(await stage.references.differs(`empty-${name}`, page)).toBeUndefined();
    await page.getByTestId('file').setInputFiles(file);
    await state(page, 'found');
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
    expect(await inAxe(page)).toEqual([]);
    expect(await stage.references.differs(`found-${name}`, page)).toBeUndefined();
    expect(complaints).toEqual([]);
  });
});

interface Picture {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

function drop(page: Page, file: Picture): Promise<void> {
  return transfer(page, bytesOf(file), file.name, file.mimeType, 'drop');
}

function paste(page: Page, file: Picture): Promise<void> {
  return transfer(page, bytesOf(file), file.name, file.mimeType, 'paste');
}

const bytesOf = ({ buffer }: Picture) =>
  `Uint8Array.from(atob('${buffer.toString('base64')}'), (letter) => letter.charCodeAt(0))`;

/** Gives the page a file as a drop or a paste does. @param bytes an expression */
function transfer(page: Page, bytes: string, name: string, type: string, kind: 'drop' | 'paste'): Promise<void> {
  return page.evaluate(`(() => {
    const data = new DataTransfer();
    data.items.add(new File([${bytes}], '${name}', { type: '${type}' }));
    const event = '${kind}' === 'drop'
      ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
      : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.body.dispatchEvent(event);
  })()`);
}
