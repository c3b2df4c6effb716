/** A problem that the API answered (RFC 9457), or no answer at all (status 0). */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly title: string;
  /** Tells problems of the same status apart. */
  readonly code: string | undefined;
  readonly remedy: string | undefined;
  readonly errors: ReadonlyArray<{ readonly path: string; readonly expected: string }>;

  constructor(
    status: number,
    body: Partial<Record<'title' | 'code' | 'detail' | 'remedy', string>> & { errors?: never[] },
  ) {
    super(body.detail ?? body.title ?? `HTTP ${status}`);
    this.status = status;
    this.title = body.title ?? `HTTP ${status}`;
    this.code = body.code;
    this.remedy = body.remedy;
    this.errors = body.errors ?? [];
  }
}

interface Request {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON; a Blob or FormData is sent unchanged. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/**
 * Requests the API relative to the page, which a proxy may show below a path. Returns the JSON answer; undefined for 204.
 *
 * @param path below /api/v1, e.g. `/history?bucket=hour`
 * @throws ApiProblem if the daemon refuses or does not answer
 */
export async function requestApi<T>(path: string, request: Request = {}): Promise<T> {
  const response = await fetchApi(path, request);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Like `requestApi`, for an answer that is not JSON. */
export async function fetchApi(path: string, { method = 'GET', body, signal }: Request = {}): Promise<Response> {
  const isRaw = body instanceof Blob || body instanceof FormData;
  const response = await fetch(`api/v1${path}`, {
    method,
    headers: {
      Accept: 'application/json, */*;q=0.5',
      // A header that a page of another origin cannot send. The API requires it for changes, beside the session cookie.
      ...(method === 'GET' ? {} : { 'X-Mien': '1' }),
      ...(body === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }),
    },
    body: body === undefined || isRaw ? (body as BodyInit | undefined) : JSON.stringify(body),
    signal,
  }).catch((fault: unknown) => {
    if (signal?.aborted) throw fault;
    throw new ApiProblem(0, { detail: String(fault) });
  });
  if (!response.ok) throw new ApiProblem(response.status, await response.json().catch(() => ({})));
  return response;
}
