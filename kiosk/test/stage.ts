import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, inject } from 'vitest';
import { packageRoot } from '../../device/core/paths.ts';
import { whyNoChromium } from '../../device/lab/fixtures/chromium.ts';
import { References } from './references.ts';

/** Set-up that the tests of a file share. The fields are set before the first test runs. */
export interface Stage {
  readonly kioskDir: string;
  /** The Chromium of this run; each test opens contexts of its own in it. */
  browser: Browser;
  /** The reference pictures of these pages. */
  references: References;
  /** Called after the test, last one first. */
  readonly release: Array<() => Promise<unknown> | unknown>;
}

export interface StageOptions {
  /** Folder of the reference pictures, below kiosk/test/reference. */
  readonly pictures?: string;
  /** Draws what the tests of the file show, once the browser is there. */
  readonly prepare?: (browser: Browser) => Promise<unknown>;
}

/** Tests in the real Chromium, skipped with a reason where there is none. */
export function describeInChromium(subject: string, define: () => void): void {
  const title = `${subject}, in Chromium${whyNoChromium ? ` (skipped: ${whyNoChromium})` : ''}`;
  describe.skipIf(whyNoChromium)(title, define);
}

/** Connects the tests of a `describe` to the browser, and releases after each test what that test opened. */
export function setStage({ pictures = '', prepare }: StageOptions = {}): Stage {
  const stage = { kioskDir: inject('kioskDir'), release: [] } as unknown as Stage;
  beforeAll(async () => {
    stage.browser = await chromium.connect(inject('browserAddress')!);
    stage.references = new References(stage.browser, join(packageRoot, 'kiosk', 'test', 'reference', pictures));
    await prepare?.(stage.browser);
  });
  afterEach(async () => {
    for (const each of stage.release.splice(0).reverse()) await each();
  });
  afterAll(() => stage.browser?.close());
  return stage;
}
