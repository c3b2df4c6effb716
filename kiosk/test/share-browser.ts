import type { TestProject } from 'vitest/node';
import { serveChromium, whyNoChromium } from '../../device/lab/fixtures/chromium.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where the Chromium of this run is reached; undefined where the machine has none. */
    browserAddress: string | undefined;
  }
}

/**
 * Starts one Chromium for all browser tests of a run. Each test opens contexts of its own in it. Vitest calls this only when
 * a browser test is in the run.
 */
export default async function shareBrowser(project: TestProject): Promise<() => Promise<void>> {
  // The flags give the pages a camera that plays a test pattern, and the permission to use it where a context grants it.
  const server = whyNoChromium
    ? undefined
    : await serveChromium(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
  project.provide('browserAddress', server?.wsEndpoint());
  return async () => server?.close();
}
