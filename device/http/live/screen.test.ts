import { expect, test } from 'vitest';
import { ScreenWatch } from './screen.ts';

const beat = (seenAt: number, onDevice: boolean) => ({
  ...{ version: '1', visible: true, width: 1920, height: 1080 },
  ...{ seenAt, onDevice },
});

test("the device's own screen takes precedence for 30 s over a phone that shows the page", () => {
  const watch = new ScreenWatch();
  watch.update(beat(1, false), 0);
  expect(watch.newest?.seenAt).toBe(1);
  watch.update(beat(2, true), 1000);
  watch.update(beat(3, false), 30_999);
  expect(watch.newest).toMatchObject({ seenAt: 2, onDevice: true });
  watch.update(beat(4, false), 31_000);
  expect(watch.newest).toMatchObject({ seenAt: 4, onDevice: false });
});
