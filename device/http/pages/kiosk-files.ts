import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MiddlewareHandler } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { setUpAgain } from '../../core/repair.ts';
import { noticePage } from './notices.ts';
import { type PageAttributes, readPage } from './page-files.ts';

/** A file of a page or of the assets folder. The pattern excludes names that start with a dot. */
const fileName = /^\/(assets\/)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$/;
/** A page: / is the kiosk, /privacy is privacy.html. */
const pageName = /^\/([a-z-]*)$/;

/**
 * Serves the built pages. Files are read at each request: they are some 100 kB for one screen, and may be rebuilt while the
 * daemon runs. Browsers revalidate a page each time, so that a new version shows at once. Assets have a hash in their name
 * and never change.
 *
 * @param settings attributes for the <html> of each page (`data-theme="light"`), so that its first paint is right
 */
export function kioskFiles(dir: string, settings: () => PageAttributes): MiddlewareHandler {
  return async (c, next) => {
    const page = pageName.exec(c.req.path)?.[1];
    if (page === undefined && !fileName.test(c.req.path)) return next();
    const path = page === undefined ? c.req.path : `/${page || 'index'}.html`;
    if (path === `/${noticePage}.html`) return next();
    try {
      const file = join(dir, path);
      const content = path.endsWith('.html') ? await readPage(file, settings()) : new Uint8Array(await readFile(file));
      return c.body(content, 200, {
        'Content-Type': getMimeType(path) ?? 'application/octet-stream',
        'Cache-Control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      });
    } catch (error) {
      // Any fault of the file (missing, name too long, unreadable) means: not found.
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
      if (page !== '') return next();
      return c.text(`The kiosk page is not built. ${setUpAgain()}\n`, 503, {
        'Cache-Control': 'no-store',
        // A screen that asks during a build must try again.
        Refresh: '5',
      });
    }
  };
}
