/** The heaviest request of each route. A route without an entry fails the run. */
export interface Heavy {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: string;
  readonly body?: { readonly type: string; readonly bytes: () => Uint8Array };
}

const month = 'minutes=44640';
const json = (text: string) => ({ type: 'application/json', bytes: () => Buffer.from(text) });
const get = (path: string, query = ''): Heavy => ({ method: 'GET', path, query });

/** A JPEG of 9.9 MB with segments of four bytes only: the longest possible parse. */
function segments(): Uint8Array {
  const bytes = Buffer.alloc(9_900_000);
  bytes.writeUInt16BE(0xffd8, 0);
  for (let at = 2; at + 4 <= bytes.length; at += 4) bytes.writeUInt32BE(0xffe10002, at);
  return bytes;
}

/** A form of 10 MB with as many parts as possible. */
function parts(): Uint8Array {
  const part = '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n';
  return Buffer.from(`${part.repeat(Math.floor(9_900_000 / part.length))}--b--\r\n`);
}

export const heaviest: readonly Heavy[] = [
  get('/api/v1/samples', `${month}&limit=10000`),
  get('/api/v1/samples', `${month}&label=disgust`),
  get('/api/v1/samples', `${month}&label=nobody`),
  get('/api/v1/samples', `${month}&format=csv&limit=10000`),
  get('/api/v1/visits', `${month}&limit=10000`),
  get('/api/v1/visits', `${month}&label=nobody`),
  get('/api/v1/visits', `${month}&format=csv`),
  get('/api/v1/history', 'bucket=minute&from=FROM_1500_MINUTES'),
  get('/api/v1/history', 'bucket=day&label=disgust'),
  get('/api/v1/history', 'bucket=hour&format=csv&from=FROM_1500_HOURS'),
  get('/api/v1/export/samples', 'format=csv'),
  get('/api/v1/export/samples', 'format=parquet'),
  get('/api/v1/export/visits', 'format=jsonl'),
  get('/api/v1/export/minutes', 'format=parquet'),
  get('/api/v1/export/hours', 'format=parquet'),
  get('/api/v1/backup'),
  get('/api/v1/state'),
  get('/api/v1/reading'),
  get('/healthz'),
  get('/api/v1/camera', 'devices=1'),
  get('/api/v1/model'),
  get('/api/v1/privacy'),
  get('/api/v1/performance'),
  get('/metrics'),
  get('/api/v1/settings'),
  get('/api/v1/config'),
  get('/api/v1/logs', 'level=debug&limit=1000'),
  get('/api/v1/support-bundle'),
  get('/api/v1/openapi.json'),
  get('/api/v1/asyncapi.json'),
  get('/api/v1/schemas'),
  get('/api/docs'),
  get('/api/v1/session'),
  get('/snapshot.jpg'),
  { method: 'POST', path: '/api/v1/classify', body: { type: 'image/jpeg', bytes: segments } },
  { method: 'POST', path: '/api/v1/classify', body: { type: 'multipart/form-data; boundary=b', bytes: parts } },
  { method: 'POST', path: '/api/v1/session', body: json(JSON.stringify({ password: 'x'.repeat(1000) })) },
  { method: 'POST', path: '/api/v1/heartbeat', body: json(`{${'"a":1,'.repeat(500)}"b":1}`) },
  { method: 'PATCH', path: '/api/v1/settings', body: json(`{${'"a":1,'.repeat(2000)}"b":1}`) },
  { method: 'PATCH', path: '/api/v1/settings', body: json('{"kiosk":{"title":"Lobby"}}') },
  { method: 'DELETE', path: '/api/v1/settings' },
];

/** Excluded routes: streams, which end with their client, and changes of the device. */
export const notAsked: readonly string[] = [
  'GET /live',
  'GET /stream.mjpeg',
  'GET /api/v1/events',
  'DELETE /api/v1/session',
  'POST /api/v1/control/pause',
  'POST /api/v1/control/resume',
  'POST /api/v1/control/restart-vision',
  'POST /api/v1/control/profile',
  // One of 36 small documents.
  'GET /api/v1/schemas/{name}',
];

/** The query with its times. */
export function queryAt({ query = '' }: Heavy, now: number): string {
  const at = (minutes: number) => String(now - minutes * 60_000);
  return query.replace('FROM_1500_MINUTES', at(1499)).replace('FROM_1500_HOURS', at(1499 * 60));
}
