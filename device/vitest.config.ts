import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Native addons (OpenCV, ONNX Runtime, SQLite) want a process of their own, not a worker thread.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      { extends: true, test: { name: 'code', include: ['device/**/*.test.ts', 'kiosk/src/**/*.test.{ts,tsx}'] } },
      // The pages in a real Chromium: one build and one browser a run.
      {
        extends: true,
        test: {
          name: 'pages',
          include: ['kiosk/test/**/*.test.ts'],
          globalSetup: ['./kiosk/test/build-pages.ts', './kiosk/test/share-browser.ts'],
          // A worker loads the app once for all its files; no test here mocks a module.
          isolate: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxConcurrency: 3,
          // After the tests that are sensitive to load; a browser test waits for its page most of the time.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
