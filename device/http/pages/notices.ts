import { join } from 'node:path';
import type { Context, MiddlewareHandler } from 'hono';
import type { ProblemBody } from '../../contract/problem.ts';
import { escaped, type PageAttributes, readPage } from './page-files.ts';

/** The error page. It has no address of its own. */
export const noticePage = 'notice';

export interface NoticeOptions {
  /** Folder of the built pages. */
  readonly kioskDir: string;
  /** Path below which a proxy serves this device. */
  readonly basePath: string;
  /** Language and theme of the pages. */
  readonly settings: () => PageAttributes;
}

/**
 * Turns a problem into a page with the same status, for browsers; programs get JSON. It runs before all middleware that
 * may refuse a request, so that a browser never shows JSON.
 */
export function problemsAsPages(options: NoticeOptions): MiddlewareHandler {
  return async (c, next) => {
    await next();
    if (!isForPerson(c) || !isProblem(c.res)) return;
    const { status } = c.res;
    const body = (await c.res.json()) as ProblemBody;
    c.res = new Response(await pageOf(body, options), {
      status,
      headers: { 'Content-Type': 'text/html; charset=UTF-8', Vary: 'Accept' },
    });
  };
}

/** Browsers accept HTML when a person opens an address; scripts and programs do not. */
function isForPerson(c: Context): boolean {
  return /\btext\/html\b/.test(c.req.header('accept') ?? '');
}

function isProblem(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('application/problem+json') === true;
}

async function pageOf(body: ProblemBody, { kioskDir, basePath, settings }: NoticeOptions): Promise<string> {
  const notice = kindOf(body);
  const detail = [body.detail, body.remedy]
    .filter((each) => each !== undefined)
    .join('. ')
    .replaceAll(/\.\. /g, '. ');
  const plain = plainText(body.title, detail, basePath, notice);
  try {
    const page = await readPage(join(kioskDir, `${noticePage}.html`), {
      ...settings(),
      notice,
      detail,
      base: basePath,
    });
    // The requested address may be deeper than the page, so its URLs start at the base.
    return page.replaceAll('="./', `="${escaped(basePath)}/`).replace('<div id="notice">', (tag) => tag + plain);
  } catch {
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(body.title)}</title></head><body>${plain}</body></html>`;
  }
}

/** The message of the page, which exists in every language. */
function kindOf({ status, title }: ProblemBody): string {
  if (status === 401) return 'token';
  if (status === 403) return { 'Operators only': 'operators', 'Wrong host': 'host' }[title] ?? 'refused';
  const kinds: Readonly<Record<number, string>> = { 404: 'unknown', 405: 'method', 429: 'busy' };
  return kinds[status] ?? (status >= 500 ? 'unavailable' : 'refused');
}

/** For browsers without scripts, and if the page is not built. */
function plainText(title: string, detail: string, basePath: string, notice: string): string {
  const base = escaped(basePath);
  const login = notice === 'operators' ? `<a href="${base}/login?next=${base}/admin">Log in as operator</a> ` : '';
  return `<main class="card"><h1>${escaped(title)}</h1><p>${escaped(detail)}</p><p>${login}<a href="${base}/">To the kiosk page</a></p></main>`;
}
