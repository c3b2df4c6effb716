import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { TestProject } from 'vitest/node';
import { packageRoot } from '../../device/core/paths.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of the built pages. */
    kioskDir: string;
  }
}

/**
 * Builds the pages once for all browser tests of a run, into a folder that goes with the run: `inject('kioskDir')`. Not
 * into kiosk/dist, which a daemon may be serving. Vitest calls it only when a browser test is in the run.
 */
export default async function buildPages(project: TestProject): Promise<() => void> {
  const kioskDir = mkdtempSync(join(tmpdir(), 'mien-pages-'));
  await build({
    root: join(packageRoot, 'kiosk'),
    build: { outDir: kioskDir, emptyOutDir: true },
    mode: 'production',
    logLevel: 'warn',
  });
  project.provide('kioskDir', kioskDir);
  return () => rmSync(kioskDir, { recursive: true, force: true });
}
