import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** Why browser tests cannot run here; `undefined` where they can. For `test.skipIf` and its title. */
export const whyNoChromium: string | undefined = executablePath
  ? undefined
  : 'Chromium is missing; apt-get install chromium (npm test installs it)';

/** The real Chromium of the distribution (what a kiosk runs), without a screen and without calls home. @param more of its flags */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  if (whyNoChromium) throw new Error(whyNoChromium);
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...more,
    ],
  });
}
