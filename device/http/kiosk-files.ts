import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MiddlewareHandler } from 'hono';
import { getMimeType } from 'hono/utils/mime';

/** A file of the page, or of its assets folder. Whole names only: no path that starts with a dot can be spelt. */
const fileName = /^\/(assets\/)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/;

/**
 * The built kiosk page. Read at each request: it is some 100 kB for one screen, and may be rebuilt while the daemon runs.
 * The page itself is asked for again each time, so that a new version shows at once; its assets carry their hash in the
 * name and never change.
 */
export function kioskFiles(dir: string): MiddlewareHandler {
  return async (c, next) => {
    const isPage = c.req.path === '/';
    if (!isPage && !fileName.test(c.req.path)) return next();
    const path = isPage ? '/index.html' : c.req.path;
    try {
      const bytes = await readFile(join(dir, path));
      return c.body(new Uint8Array(bytes), 200, {
        'Content-Type': getMimeType(path) ?? 'application/octet-stream',
        'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      if (!isPage) return next();
      return c.text('The kiosk page is not built. Run: npm run build\n', 503, {
        'Cache-Control': 'no-store',
        // A screen that asked in the middle of a build would show this for ever.
        Refresh: '5',
      });
    }
  };
}
