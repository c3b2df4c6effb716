import { z } from 'zod';
import { describeError } from '../../core/errors.ts';
import type { Host } from '../host/host.ts';
import { serviceState } from '../host/service.ts';
import type { Answer, LocalApi } from './local-api.ts';
import type { Observation } from './observation.ts';

/** The parts of `/healthz` that are read. All optional: a release of another version may lack some. */
const health = z.object({
  status: z.string().optional(),
  reasons: z.array(z.string()).optional(),
  version: z.string().optional(),
  bootId: z.string().optional(),
  uptimeSeconds: z.number().optional(),
  frames: z.object({ frame: z.number().optional() }).optional(),
  camera: z.object({ state: z.string().optional() }).optional(),
  vision: z.object({ fps: z.number().optional(), restarts: z.number().optional() }).optional(),
  mqtt: z
    .object({
      state: z.enum(['disabled', 'connecting', 'connected', 'offline']).optional(),
      code: z.string().optional(),
    })
    .optional(),
  store: z.object({ writtenMbPerDay: z.number().optional() }).optional(),
});

const performanceSpans = z.object({ stages: z.record(z.string(), z.object({ p95: z.number() })).optional() });

const screenView = z.object({
  screen: z.object({ visible: z.boolean(), seenAt: z.number(), onDevice: z.boolean() }).optional(),
});

/** The stages of the vision process that are its inference. */
const inference = ['detect', 'crop', 'classify'];

/** Asks systemd and the daemon. Never rejects for what the daemon does. */
export async function observe(host: Host, api: LocalApi): Promise<Observation> {
  const [daemon, kiosk] = [await serviceState(host, 'mien'), await serviceState(host, 'mien-kiosk')];
  const base = { active: daemon.isActive, restarts: daemon.restarts, kioskActive: kiosk.isActive };
  let answer: Answer;
  try {
    answer = await api.get('healthz');
  } catch (error) {
    const why = describeError(error) || (error as NodeJS.ErrnoException).code || 'no answer';
    return { ...base, answer: 'none', reasons: [`${api.url} does not answer: ${why}`] };
  }
  const { status, reasons = [], version, bootId, uptimeSeconds, frames, ...state } = read(health, answer);
  if (version === undefined) return { ...base, answer: 'status', status, reasons };
  return {
    ...base,
    answer: 'all',
    ...{ status, reasons, version, bootId, uptimeSeconds },
    frame: frames?.frame,
    fps: state.vision?.fps,
    camera: state.camera?.state,
    visionRestarts: state.vision?.restarts,
    broker: state.mqtt?.state,
    brokerCode: state.mqtt?.code,
    writtenMbPerDay: state.store?.writtenMbPerDay,
    p95Ms: await inferenceTime(api),
    ...(await screenOf(api)),
    session: await isSessionRunning(),
  };
}

async function inferenceTime(api: LocalApi): Promise<number | undefined> {
  const { stages = {} } = read(performanceSpans, await optional(api, 'api/v1/performance'));
  const times = inference.flatMap((stage) => stages[stage]?.p95 ?? []);
  return times.length === 0 ? undefined : Math.round(times.reduce((sum, each) => sum + each, 0) * 10) / 10;
}

/** A phone that shows the page says nothing about the screen of this device. */
async function screenOf(api: LocalApi): Promise<Pick<Observation, 'screenAgeSeconds' | 'screenVisible'>> {
  const { screen } = read(screenView, await optional(api, 'api/v1/state'));
  if (!screen?.onDevice) return {};
  return { screenAgeSeconds: Math.max(0, (Date.now() - screen.seenAt) / 1000), screenVisible: screen.visible };
}

/** The API does not have consent sessions yet. This is the place to ask it for a running one: an update then waits. */
async function isSessionRunning(): Promise<boolean> {
  return false;
}

async function optional(api: LocalApi, path: string): Promise<Answer> {
  return api.get(path).catch(() => ({ status: 0, body: {} }));
}

/** An answer of another form counts as an empty one: the checks then say what is missing. */
function read<T>(schema: z.ZodType<T>, { body }: Answer): T {
  const parsed = schema.safeParse(body);
  return parsed.success ? parsed.data : schema.parse({});
}
