import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCode, MienError } from '../../../core/errors.ts';
import { privateMemoryMb } from '../../../vision/supervise/memory.ts';
import { Daemon } from '../product/daemon.ts';
import type { Report } from '../report.ts';
import { withScratchFolder } from '../scratch.ts';
import { quantile } from '../statistics.ts';
import type { Target } from '../targets.ts';
import { Clients } from './clients.ts';
import { writeLog } from './log.ts';
import { type Delay, HealthProbe } from './probe.ts';
import { type Heavy, heaviest, notAsked, queryAt } from './requests.ts';

export interface AnswersOptions {
  /** Samples in the log. */
  readonly rows: number;
  /** Flags of `mien run`. */
  readonly flags: readonly string[];
}

const token = 'bench-token-bench-token-bench-token';
/** Limit of the delay that any answer causes, in ms. A daemon that is slower while idle has that time as its limit. */
const maxMs = 50;
const quietMs = 5000;
const settleMs = 200;
const maxMemoryMb = 150;
const heldUploads = 100;

interface Answered {
  readonly request: string;
  readonly status: string;
  readonly megabytes: number;
  readonly seconds: number;
  /** Delays of /healthz meanwhile, see `Delay`. */
  readonly heldP99Ms: number;
  readonly seenP99Ms: number;
  readonly seenMaxMs: number;
}

/** `npm run bench -- answers`: runs the heaviest request of every route, 20 at once, and measures the delay of /healthz. */
export async function benchAnswers({ rows, flags }: AnswersOptions, report: Report): Promise<void> {
  await withScratchFolder(async (folder) => {
    const dataDir = join(folder, 'data');
    writeLog(dataDir, rows);
    const settings = { dataDir, 'mqtt.enabled': false, 'camera.source': 'demo', 'http.token': token };
    const daemon = await Daemon.start(settings, flags);
    const probe = new HealthProbe(daemon.origin, daemon.pids[0]!);
    const clients = new Clients();
    try {
      await daemon.until(() => true);
      await refuseUnlisted(daemon.origin);
      await probe.take();
      await sleep(quietMs);
      const quietP99 = heldP99(await probe.take());
      const answers: Answered[] = [];
      for (const heavy of heaviest) {
        answers.push(await measure(daemon.origin, heavy, clients, probe));
        const { request, seconds, heldP99Ms } = answers.at(-1)!;
        report.say(`${request}: ${seconds.toFixed(1)} s, holds the daemon p99 ${heldP99Ms.toFixed(1)} ms`);
      }
      const memory = await holdUploads(daemon);
      show(report, { rows, quietP99, answers, memory });
    } finally {
      await clients.end();
      await probe.end();
      await daemon.stop();
    }
  });
}

async function measure(origin: string, heavy: Heavy, clients: Clients, probe: HealthProbe): Promise<Answered> {
  const { method, path, body } = heavy;
  const query = queryAt(heavy, Date.now());
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': body.type }) };
  await probe.take();
  const startedAt = performance.now();
  const { statuses, bytes } = await clients.send({
    url: `${origin}${path}?${query}`,
    ...{ method, headers, body: body?.bytes() },
  });
  const seconds = (performance.now() - startedAt) / 1000;
  // Include the probe that is still running.
  await sleep(settleMs);
  const health = await probe.take();
  const seen = health.map(({ seenMs }) => seenMs);
  return {
    request: `${method} ${path}?${query}`.slice(0, 70).replace(/\?$/, ''),
    status: statuses.map((status) => status || 'closed').join(' '),
    megabytes: bytes / 1e6,
    seconds,
    heldP99Ms: heldP99(health),
    seenP99Ms: quantile(seen, 0.99),
    seenMaxMs: Math.max(...seen),
  };
}

function heldP99(delays: readonly Delay[]): number {
  return quantile(
    delays.map(({ heldMs }) => heldMs),
    0.99,
  );
}

/** Fails for a route without a heaviest request, so that new routes are measured too. */
async function refuseUnlisted(origin: string): Promise<void> {
  const answer = await fetch(`${origin}/api/v1/openapi.json`, { headers: { authorization: `Bearer ${token}` } });
  const { paths } = (await answer.json()) as { paths: Record<string, Record<string, unknown>> };
  const listed = new Set([...heaviest.map(({ method, path }) => `${method} ${path}`), ...notAsked]);
  const unlisted = Object.entries(paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .filter((route) => !listed.has(route));
  if (unlisted.length === 0) return;
  throw new MienError(`No heaviest request is defined for ${unlisted.join(', ')}`, {
    code: exitCode.internal,
    remedy: 'Add it to device/lab/bench/answers/requests.ts.',
  });
}

/** Peak private memory of the daemon in MB, while many clients stall an upload shortly before its end. */
async function holdUploads(daemon: Daemon): Promise<number> {
  const port = Number(new URL(daemon.origin).port);
  const sockets: Socket[] = [];
  const sent = Buffer.alloc(9_800_000);
  for (let held = 0; held < heldUploads; held += 1) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    socket.write(
      `POST /api/v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/jpeg\r\nContent-Length: 9900000\r\n\r\n`,
    );
    socket.write(sent);
  }
  let most = 0;
  for (const endsAt = performance.now() + 8000; performance.now() < endsAt; await sleep(50)) {
    most = Math.max(most, privateMemoryMb(daemon.pids[0]!) ?? 0);
  }
  for (const socket of sockets) socket.destroy();
  return most;
}

function show(
  report: Report,
  { rows, quietP99, answers, memory }: { rows: number; quietP99: number; answers: readonly Answered[]; memory: number },
): void {
  report.table(
    `Twenty of each at once, over ${rows} samples; /healthz of the quiet daemon: p99 ${quietP99.toFixed(1)} ms`,
    answers.map(({ request, status, megabytes, seconds, heldP99Ms, seenP99Ms, seenMaxMs }) => ({
      request,
      status,
      MB: megabytes,
      s: seconds,
      'held p99 ms': heldP99Ms,
      'seen p99 ms': seenP99Ms,
      'seen max ms': seenMaxMs,
    })),
  );
  const most = Math.max(maxMs, 3 * quietP99);
  report.targets([
    ...answers.map(
      ({ request, heldP99Ms }): Target => ({ what: request, measured: heldP99Ms, limit: { most }, unit: 'ms' }),
    ),
    {
      what: `memory of the daemon, ${heldUploads} held uploads`,
      measured: memory,
      limit: { most: maxMemoryMb },
      unit: 'MB',
    },
  ]);
  report.json('answers', { rows, quietP99, answers, memoryMb: memory });
}
