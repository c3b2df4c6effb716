import { open, rename, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { packageVersion } from '../../core/paths.ts';

/** Time limits and tries of a download. */
interface DownloadLimits {
  /** Longest wait for the next bytes, in ms. */
  readonly silenceMs: number;
  /** Waits between tries, in ms. A try that brought bytes starts them anew. */
  readonly pausesMs: readonly number[];
}

const usualLimits: DownloadLimits = { silenceMs: 30_000, pausesMs: [1000, 3000, 10_000, 30_000] };
const redirects = 5;

/** A small file. @throws MienError if it does not come, or is larger */
export async function get(url: URL, maxBytes: number, limits = usualLimits): Promise<Buffer> {
  return persistently(url, limits, async () => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of body(await request(url, 0, limits), limits)) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw refused(url, `expected at most ${maxBytes} bytes, got more`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  });
}

/**
 * Downloads a file of a known size to `to`, and continues where an earlier download was cut. Its content is not checked.
 *
 * @throws MienError if it does not come, or has another size
 */
export async function download(url: URL, bytes: number, to: string, limits = usualLimits): Promise<void> {
  const part = `${to}.part`;
  await persistently(url, limits, () => append(url, bytes, part, limits), part);
  await rename(part, to);
}

async function append(url: URL, bytes: number, part: string, limits: DownloadLimits): Promise<void> {
  const had = await sizeOf(part);
  if (had > bytes) await rm(part);
  if (had === bytes) return;
  const response = await request(url, had > bytes ? 0 : had, limits);
  // A server that does not know ranges sends everything.
  const isRest = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${had}-`);
  const file = await open(part, isRest ? 'a' : 'w');
  try {
    let total = isRest ? had : 0;
    for await (const chunk of body(response, limits)) {
      total += chunk.length;
      if (total > bytes) throw refused(url, `expected ${bytes} bytes, got more`);
      await file.write(chunk);
    }
    if (total < bytes) throw new Error(`the connection ended after ${total} of ${bytes} bytes`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Tries again after a fault of the network. An answer that refuses is final. */
async function persistently<T>(
  url: URL,
  { pausesMs }: DownloadLimits,
  work: () => Promise<T>,
  part?: string,
): Promise<T> {
  let had = part === undefined ? 0 : await sizeOf(part);
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof MienError) throw error;
      const has = part === undefined ? 0 : await sizeOf(part);
      if (has > had) tries = 0;
      had = has;
      const pauseMs = pausesMs[tries];
      if (pauseMs === undefined) throw unreachable(url, error);
      await sleep(pauseMs);
    }
  }
}

/** Follows redirects on the same host only: the address is one that the operator chose. */
async function request(url: URL, from: number, { silenceMs }: DownloadLimits): Promise<Response> {
  let at = url;
  for (let count = 0; count <= redirects; count += 1) {
    const headers = {
      'user-agent': `mien/${packageVersion}`,
      // A compressed answer would have another size.
      'accept-encoding': 'identity',
      ...(from > 0 && { range: `bytes=${from}-` }),
    };
    const response = await fetchWithin(at, headers, silenceMs);
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      const next = new URL(location, at);
      if (next.host !== url.host || (url.protocol === 'https:' && next.protocol !== 'https:')) {
        throw refused(url, `it redirects to another host (${next.origin})`);
      }
      // The login goes along: it is the same host.
      [next.username, next.password] = [url.username, url.password];
      at = next;
      continue;
    }
    if (response.ok) return response;
    await response.body?.cancel();
    if (response.status >= 500 || response.status === 429) throw new Error(`status ${response.status}`);
    throw refused(url, `status ${response.status}`);
  }
  throw refused(url, `more than ${redirects} redirects`);
}

async function fetchWithin(url: URL, headers: Record<string, string>, limitMs: number): Promise<Response> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(new Error(`no answer for ${limitMs / 1000} s`)), limitMs);
  try {
    return await fetch(withoutLogin(url), {
      headers: { ...headers, ...loginOf(url) },
      redirect: 'manual',
      signal: ending.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

/** `fetch` refuses an address with a login in it. */
function withoutLogin(url: URL): URL {
  const plain = new URL(url);
  plain.username = '';
  plain.password = '';
  return plain;
}

function loginOf({ username, password }: URL): Record<string, string> {
  if (username === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

/** The bytes of an answer. @throws Error if none arrive for too long */
async function* body(response: Response, { silenceMs }: DownloadLimits): AsyncGenerator<Buffer> {
  const reader = response.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const ending = new AbortController();
      const silence = sleep(silenceMs, 'silence' as const, { signal: ending.signal });
      silence.catch(() => {}); // Aborted below.
      const next = await Promise.race([reader.read(), silence]);
      ending.abort();
      if (next === 'silence') throw new Error(`no data for ${silenceMs / 1000} s`);
      if (next.done) return;
      yield Buffer.from(next.value);
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

function refused(url: URL, why: string): MienError {
  return new MienError(`${shown(url)}: ${why}`, {
    code: exitCode.unavailable,
    remedy: 'Check the address of the mirror (--from, or /etc/mien/update.yaml)',
  });
}

function unreachable(url: URL, cause: unknown): MienError {
  const inner = (cause as { cause?: unknown }).cause;
  const why =
    inner instanceof Error ? inner.message || String((inner as NodeJS.ErrnoException).code) : describeError(cause);
  return new MienError(`${shown(url)} cannot be read: ${why}`, {
    code: exitCode.unavailable,
    remedy: 'Check the network and the mirror; the next run continues where this one ended',
    cause,
  });
}

/** Without a password. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}
