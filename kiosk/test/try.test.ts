import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { packageRoot } from '../../device/core/paths.ts';
import { launchChromium, whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import { drawPeople } from '../../device/lab/fixtures/drawn-people.ts';
import { makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { wcagViolations } from './axe.ts';
import { type Opened, type OpenOptions, openPage } from './operator-page.ts';
import { References } from './references.ts';

/** Two who were found, the right one first, as a device may answer. */
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

/** The page on which anybody tries a picture, in the real Chromium; what the device finds is up to the test. */
describe.skipIf(whyNoChromium)(
  `the try-it page in Chromium${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`,
  // Long enough for a machine that has other things to do.
  { timeout: 180_000 },
  () => {
    const kioskDir = inject('kioskDir');
    let browser: Browser;
    let references: References;
    let file: { name: string; mimeType: string; buffer: Buffer };
    const release: Array<() => Promise<unknown> | unknown> = [];

    beforeAll(async () => {
      browser = await launchChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
      references = await References.open(browser, join(packageRoot, 'kiosk', 'test', 'reference', 'try'));
      const [jpeg] = await drawPeople(browser, [{ width: 640, height: 480, faces }]);
      file = { name: 'two.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(jpeg!) };
    }, 180_000);

    afterEach(async () => {
      for (const each of release.splice(0).reverse()) await each();
    });

    afterAll(() => browser?.close());

    async function open(classify: unknown, options: Partial<OpenOptions> = {}, looks = ''): Promise<Opened> {
      const opened = await openPage(browser, {
        path: `/try?${looks}`,
        kioskDir,
        answers: { '/classify': classify },
        ...options,
      });
      release.push(() => opened.close());
      return opened;
    }

    const state = (page: Page, kind: string) => page.locator(`[data-testid=try][data-state=${kind}]`).waitFor();

    test('a chosen picture gets a card per face, from left to right, and boxes over it', async () => {
      const { page, asked, complaints } = await open(found);
      expect(await page.getByTestId('kept').textContent()).toContain('Nothing is kept.');
      expect(await wcagViolations(page)).toEqual([]);
      await page.getByTestId('file').setInputFiles(file);
      await state(page, 'found');
      expect(asked.filter((each) => each.startsWith('POST')).length).toBe(1);
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

    test('a dropped or pasted picture counts like a chosen one', async () => {
      const { page, asked } = await open(found);
      await page.getByTestId('file').waitFor({ state: 'attached' });
      for (const kind of ['drop', 'paste']) {
        await page.evaluate(`(() => {
          const bytes = Uint8Array.from(atob('${file.buffer.toString('base64')}'), (letter) => letter.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], 'two.jpg', { type: 'image/jpeg' }));
          const event = '${kind}' === 'drop'
            ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
          document.body.dispatchEvent(event);
        })()`);
        await page.getByRole('heading', { name: '2 faces' }).waitFor();
      }
      await expect.poll(() => asked.filter((each) => each.startsWith('POST')).length).toBe(2);
    });

    test('the camera of the browser takes one, and is let go of', async () => {
      const { page } = await open(found, { permissions: ['camera'] });
      await page.getByRole('button', { name: 'Take a picture' }).click();
      const shoot = page.getByRole('button', { name: 'Take it' });
      await page.locator('.button.primary:not([disabled])', { hasText: 'Take it' }).waitFor();
      await page.evaluate(`window.track = document.querySelector('video').srcObject.getTracks()[0]`);
      expect(await wcagViolations(page)).toEqual([]);
      await shoot.click();
      await state(page, 'found');
      expect(await page.evaluate('window.track.readyState')).toBe('ended');
    });

    test.each([
      ['NotAllowedError', 'This browser may not use the camera.'],
      ['NotFoundError', 'This machine has no camera.'],
      ['NotReadableError', 'The camera cannot be used at the moment.'],
    ])('a camera that cannot be had (%s) is said, and one can choose instead', async (name, text) => {
      const { page } = await open(found);
      await page.evaluate(
        `navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', '${name}'))`,
      );
      await page.getByRole('button', { name: 'Take a picture' }).click();
      await page.getByText(text).waitFor();
      expect(await page.getByRole('button', { name: 'Take it' }).isDisabled()).toBe(true);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await state(page, 'empty');
    });

    test('nobody in the picture', async () => {
      const { page } = await open({ ...found, faces: [] });
      await page.getByTestId('file').setInputFiles(file);
      await page.getByRole('heading', { name: 'No face was found' }).waitFor();
      expect(await wcagViolations(page)).toEqual([]);
      expect(await references.differs('nobody', await page.screenshot())).toBeUndefined();
    });

    test('what the device says against a picture is said in words for whoever tries it', async () => {
      const { page } = await open({
        problem: {
          status: 422,
          code: 'damaged',
          detail: 'premature end of /tmp/upload-1',
          remedy: 'Send the whole file.',
        },
      });
      await page.getByTestId('file').setInputFiles(file);
      await page.getByTestId('failure').getByText('The file is damaged or incomplete.').waitFor();
      expect(await page.locator('body').innerText()).not.toMatch(/premature|upload|Send the/);
      expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);
      expect(await wcagViolations(page)).toEqual([]);
      expect(await references.differs('refused', await page.screenshot())).toBeUndefined();
    });

    test('a device that does not answer is asked again', async () => {
      let answer: unknown = 'no answer';
      const { page } = await open(() => answer);
      await page.getByTestId('file').setInputFiles(file);
      await page.getByText('The device does not answer.').waitFor();
      answer = found;
      await page.getByRole('button', { name: 'Try again' }).click();
      await state(page, 'found');
    });

    test.each([
      [
        'a text',
        { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') },
        'This is text/plain. Expected:',
      ],
      [
        'too large a picture',
        { name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(12_300_000) },
        'The picture has 12.3 MB; at most 10 MB are accepted.',
      ],
    ])('%s is refused before it is sent', async (_what, given, text) => {
      const { page, asked } = await open(found);
      await page.getByTestId('file').setInputFiles(given);
      await page.getByTestId('failure').getByText(text).waitFor();
      expect(asked.some((each) => each.startsWith('POST'))).toBe(false);
    });

    test('while it is looked at, that is said; another picture calls it off', async () => {
      let answer: unknown = 'never';
      const { page } = await open(() => answer);
      await page.getByTestId('file').setInputFiles(file);
      await state(page, 'looking');
      await page.getByTestId('picture').waitFor();
      await page.getByText('Analysing the picture', { exact: true }).waitFor();
      expect(await wcagViolations(page)).toEqual([]);
      answer = found;
      await page.evaluate(`(() => {
        const bytes = Uint8Array.from(atob('${file.buffer.toString('base64')}'), (letter) => letter.charCodeAt(0));
        const data = new DataTransfer();
        data.items.add(new File([bytes], 'two.jpg', { type: 'image/jpeg' }));
        document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
      })()`);
      await state(page, 'found');
    });

    test.each([
      ['small', { width: 800, height: 480 }, 'theme=dark&lang=en'],
      ['large', { width: 1920, height: 1080 }, 'theme=light&lang=de'],
      ['4k', { width: 3840, height: 2160 }, 'theme=contrast&lang=fr'],
      ['phone', { width: 360, height: 780 }, 'theme=light&lang=es'],
      ['urdu', { width: 390, height: 844 }, 'theme=dark&lang=ur'],
    ])('fits a %s screen, and breaks no rule of WCAG 2.2 AA', async (name, viewport, looks) => {
      const { page, complaints } = await open(found, { viewport }, looks);
      await page.getByTestId('file').waitFor({ state: 'attached' });
      await page.evaluate('document.fonts.ready');
      expect(await wcagViolations(page)).toEqual([]);
      expect(await references.differs(`empty-${name}`, await page.screenshot())).toBeUndefined();
      await page.getByTestId('file').setInputFiles(file);
      await state(page, 'found');
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
      expect(await wcagViolations(page)).toEqual([]);
      expect(await references.differs(`found-${name}`, await page.screenshot())).toBeUndefined();
      expect(complaints).toEqual([]);
    });
  },
);

/** Colour of the picture at a place given in parts of its size. */
function pixel(page: Page, x: number, y: number): Promise<number[]> {
  return page.evaluate(`(() => {
    const canvas = document.querySelector('[data-testid=picture]');
    const at = [Math.round(${x} * canvas.width), Math.round(${y} * canvas.height)];
    return [...canvas.getContext('2d').getImageData(at[0], at[1], 1, 1).data].slice(0, 3);
  })()`);
}
