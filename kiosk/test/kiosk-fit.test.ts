import { expect, test } from 'vitest';
import { configSchema } from '../../device/config/schema.ts';
import { fixture, makeFace } from '../../device/lab/fixtures/http-fixture.ts';
import { openKiosk, setKioskStage, show } from './kiosk-page.ts';
import { outside } from './layout.ts';
import { describeInChromium } from './stage.ts';

const longestTexts = configSchema.parse({
  device: { name: 'a-device-with-a-name-that-uses-each-of-its-sixty-four-characters' },
  kiosk: {
    title: 'The visitors of the museum of natural history, second floor',
    notice: 'No picture is stored. '.repeat(13),
  },
});

describeInChromium('the longest texts that the configuration allows', () => {
  const stage = setKioskStage();

  test.each([
    { width: 800, height: 480 },
    { width: 1920, height: 1080 },
    { width: 1080, height: 1920 },
  ])('fit the kiosk page at $width x $height with one face and with five', async (viewport) => {
    const made = fixture({ kioskDir: stage.kioskDir, config: longestTexts });
    made.board.update('vision', {
      warning: 'Haar cascade in use: faces in profile are missed. Run: npx mien models pull',
      uncertain: true,
    });
    const { page } = await openKiosk(stage, made, { viewport });
    const boxes = [40, 160, 280, 400, 520].map((x) => ({ x, y: 100, width: 90, height: 90 }));
    for (const [count, label] of [
      [1, 'surprise'],
      [5, 'surprise'],
      [1, 'uncertain'],
      [5, 'uncertain'],
    ] as const) {
      const faces = boxes.slice(0, count).map((box, index) => makeFace(label, box, index + 1));
      const stop = show(stage, made, faces);
      const drawn = faces.map(() => label).join(' ');
      await page.locator(`[data-testid=picture][data-labels="${drawn}"]`).waitFor();
      await page.locator(`[data-testid=dominant][data-label="${label}"]`).waitFor();
      await (count === 1 ? page.getByText('one person in view') : page.getByText('nearest of 5 people')).waitFor();
      expect(await outside(page), `${count} faces, ${label}`).toEqual([]);
      stop();
    }
  });
});
