import type { StateMessage } from '../../../../device/contract/live.ts';
import { formatUnit } from '../../language/units.ts';
import { formatFigure, formatMoment } from '../format.ts';
import type { Tone } from '../mark.tsx';
import { texts } from '../messages/texts.ts';

/** One part of the device, with its state and the reason for it. */
export interface Part {
  readonly name: keyof typeof texts.part;
  readonly tone: Tone;
  readonly state: string;
  /** Figures that belong to it. */
  readonly facts: readonly string[];
  /** Reason and remedy, in the device's own words. */
  readonly reason: string | undefined;
}

const cameraTones = {
  loading: 'working',
  starting: 'working',
  online: 'good',
  lost: 'bad',
  ended: 'off',
  paused: 'off',
} as const;
const visionTones = { starting: 'working', running: 'good', restarting: 'working' } as const;
const storeTones = { starting: 'working', ok: 'good', failing: 'bad' } as const;
const mqttTones = { disabled: 'off', connecting: 'working', connected: 'good', offline: 'bad' } as const;

/** Silence after which a kiosk page counts as gone: it reports every 10 s, so this is three missed reports. */
const screenSilentMs = 35_000;

/** The parts of the device in the order of the data flow, with their states. `now` is this browser's wall clock. */
export function partsOf(device: StateMessage, now: number): readonly Part[] {
  return [camera(device), vision(device), ...board(device), store(device), mqtt(device), screen(device, now)];
}

function camera({ state: { camera }, paused }: StateMessage): Part {
  const { state, width, height, fps, source, reason } = camera;
  const size = width && height ? [`${width} × ${height}`] : [];
  const rate = fps ? [texts.fps(formatFigure(fps, 'tenths'))] : [];
  return {
    name: 'camera',
    tone: paused ? 'off' : cameraTones[state],
    state: paused ? texts.camera.paused : texts.camera[state],
    facts: [source, ...size, ...rate],
    reason: (state === 'lost' || state === 'loading') && !paused ? reason : undefined,
  };
}

function vision({ state: { vision }, paused }: StateMessage): Part {
  const { state, model, precision, detector, restarts, warning, lastRestart } = vision;
  const facts = [detector, model && [model, precision].filter(Boolean).join(' ')].filter((fact) => fact !== undefined);
  const idle = paused && state === 'running';
  return {
    name: 'vision',
    tone: warning ? 'bad' : idle ? 'off' : visionTones[state],
    state: idle ? texts.vision.paused : texts.vision[state],
    facts: restarts > 0 ? [...facts, texts.restarts(restarts)] : facts,
    reason: warning ?? (restarts > 0 ? lastRestart : undefined),
  };
}

function board({ state: { governor } }: StateMessage): Part[] {
  if (!governor) return [];
  const { state, temperatureC, reason, throttled = [] } = governor;
  return [
    {
      name: 'board',
      tone: state === 'reduced' ? 'bad' : 'good',
      state: texts.board[state],
      facts: [...(temperatureC === undefined ? [] : [formatUnit(temperatureC, 'celsius')]), ...throttled],
      reason,
    },
  ];
}

function store({ state: { store } }: StateMessage): Part {
  const { state, reason, writtenMbPerDay: written } = store;
  return {
    name: 'store',
    tone: storeTones[state],
    state: texts.store[state],
    facts: written === undefined ? [] : [texts.writtenPerDay(formatUnit(written, 'megabyte'))],
    reason,
  };
}

function mqtt({ state: { mqtt, store } }: StateMessage): Part {
  const { waiting = 0, lost = 0 } = store.outbox ?? {};
  return {
    name: 'mqtt',
    tone: mqttTones[mqtt.state],
    state: texts.mqtt[mqtt.state],
    facts: [
      ...(mqtt.url ? [mqtt.url] : []),
      ...(waiting > 0 ? [texts.waitingRecords(formatFigure(waiting))] : []),
      ...(lost > 0 ? [texts.lostRecords(formatFigure(lost))] : []),
    ],
    reason: mqtt.reason,
  };
}

function screen({ screen }: StateMessage, now: number): Part {
  if (!screen) return { name: 'screen', tone: 'off', state: texts.screen.never, facts: [], reason: undefined };
  const silent = now - screen.seenAt > screenSilentMs;
  return {
    name: 'screen',
    tone: silent ? 'bad' : 'good',
    state: silent ? texts.screen.silent : texts.screen.seen,
    facts: [texts.screenSeen(formatMoment(screen.seenAt, 'time'))],
    reason: undefined,
  };
}
