import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { PartTimes } from './lab/part-times.ts';

// The parts run one after the other, the quick ones first.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    exclude: ['**/node_modules/**', '**/dist/**'],
    // Native addons (OpenCV, ONNX Runtime, SQLite) want a process of their own, not a worker thread.
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    reporters: ['default', new PartTimes()],
    // Vitest leaves one core free; many tests wait for a process, so two cores take two files at a time.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['device/*/**/*.test.ts', 'kiosk/src/**/*.test.{ts,tsx}'],
          sequence: { groupOrder: 0 },
        },
      },
      // The whole daemon, as its users start it.
      { extends: true, test: { name: 'daemon', include: ['device/*.test.ts'], sequence: { groupOrder: 1 } } },
      // The pages in a real Chromium, built once a run.
      {
        extends: true,
        test: {
          name: 'pages',
          include: ['kiosk/test/**/*.test.ts'],
          globalSetup: './kiosk/test/build-pages.ts',
          testTimeout: 240_000,
          hookTimeout: 240_000,
          maxConcurrency: 3,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
