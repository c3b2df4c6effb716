import { createRef, render } from 'preact';
import type { z } from 'zod';
import type { whoSchema } from '../../../device/contract/session.ts';
import type { DeviceView } from '../../../device/contract/state.ts';
import { requestApi } from '../api/client.ts';
import { liveAddress } from '../api/live-address.ts';
import { applyLanguage } from '../language/language.ts';
import { settingOf } from '../settings.ts';
import { applyTheme } from '../theme/theme.ts';
import { ScreenCare } from './care/care.ts';
import { fetchLastHour, fetchToday } from './history/log.ts';
import { SecondCounter } from './history/second-counter.ts';
import { Timeline } from './history/timeline.ts';
import type { Logged } from './history/today.ts';
import { LiveConnection, type Socket } from './live/connection.ts';
import { frameHasBeenPainted, startHeartbeat } from './live/heartbeat.ts';
import { LivePicture } from './live/picture.ts';
import './style.css';
import { App } from './view/app.tsx';
import { KioskModel } from './view/model.ts';

type Who = z.output<typeof whoSchema>;

const todayMs = 60_000;
const claimMs = 15_000;

const model = new KioskModel({ now: () => performance.now() });
const timeline = new Timeline({ bucketMs: 60_000, windowMs: 3_600_000 });
const canvas = createRef<HTMLCanvasElement>();
let hours: readonly Logged[] = [];

/** Difference between the wall clocks of device and browser, in ms; 0 if both are one machine. */
let clockOffset = 0;
const deviceNow = () => Date.now() + clockOffset;

applyLanguage();
applyTheme();
document.documentElement.style.setProperty('--text-scale', textScale());
render(
  // Chromium evaluates container queries with the text scale of the first render, so the scale is set before it.
  <div class="screen" data-testid="screen">
    <App model={model} timeline={timeline} today={() => hours} canvas={canvas} deviceNow={deviceNow} />
  </div>,
  document.getElementById('kiosk')!,
);

let device: DeviceView | undefined;
const care = new ScreenCare({
  screen: document.querySelector<HTMLElement>('.screen')!,
  settings: () => device?.kiosk,
  isLive: () => model.view().condition.kind === 'live',
  // The device switches the backlight with the page.
  onLight: () => beatNow(),
  now: () => performance.now(),
});

let drawn = 0;
const picture = new LivePicture({
  canvas: canvas.current!,
  onDrawn: (reading) => {
    drawn += 1;
    model.drawn(reading);
    if (reading.faces.length > 0) care.seen();
  },
  onFault: report,
});
new ResizeObserver(([entry]) => {
  const { width, height } = entry!.contentRect;
  picture.resize(Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio));
}).observe(canvas.current!);

/** Duration that a sample of the log stands for, in ms. */
let sampleMs = 1000;
const seconds = new SecondCounter((ts, label) => timeline.add(ts, label));
let boot: string | undefined;
let version: string | undefined;
let appearance: string | undefined;

new LiveConnection({
  open: () => new WebSocket(liveAddress()) as Socket,
  onConnected: (connected) => {
    model.connected(connected);
    if (!connected) void reloadForLogin();
  },
  onState: (state) => {
    // Another version, language or theme than in the first answer needs a reload.
    const look = appearanceOf(state);
    if ((version ?? state.version) !== state.version || (appearance ?? look) !== look) return location.reload();
    version = state.version;
    appearance = look;
    sampleMs = state.sampleMs;
    if (boot !== state.bootId) {
      void backfill();
      void readClaim();
    }
    boot = state.bootId;
    device = state;
    model.updateDevice(state);
  },
  onFrame: (frame) => {
    clockOffset = frame.reading.ts - Date.now();
    seconds.add(frame.reading);
    picture.show(frame);
  },
  onFault: report,
}).start();

const beatNow = startHeartbeat({
  version: () => version,
  pictures: () => drawn,
  send: (beat) => requestApi('/heartbeat', { method: 'POST', body: beat }),
  painted: frameHasBeenPainted,
  light: () => care.light,
  now: () => performance.now(),
});
care.start();
setInterval(() => void readToday(), todayMs);

/** Shows the claim code until somebody has claimed the device. */
async function readClaim(): Promise<void> {
  const who = await requestApi<Who>('/session').catch(() => undefined);
  model.updateClaim(who?.claim?.code);
  if (who === undefined || who.claim?.code !== undefined) setTimeout(() => void readClaim(), claimMs);
}

/** A remote screen with an expired session is always refused. A reload leads to the login, which returns to this page. */
async function reloadForLogin(): Promise<void> {
  // A device that does not answer is no reason to reload; the live connection shows that it is away.
  const who = await requestApi<Who>('/session').catch(() => undefined);
  if (who?.role === null) location.reload();
}

/** Fills the charts from the log. If that fails, they start empty. */
async function backfill(): Promise<void> {
  await Promise.all([
    readToday(),
    fetchLastHour(deviceNow(), sampleMs).then((tallies) => timeline.backfill(tallies), report),
  ]);
}

async function readToday(): Promise<void> {
  hours = await fetchToday(deviceNow(), sampleMs).catch((fault: unknown) => {
    report(fault);
    return hours;
  });
}

function appearanceOf({ kiosk }: DeviceView): string {
  return JSON.stringify([kiosk.language, kiosk.theme, kiosk.textScale]);
}

function textScale(): string {
  const scale = Number(settingOf('textScale', 'text'));
  return scale >= 0.5 && scale <= 3 ? String(scale) : '1';
}

function report(fault: unknown): void {
  console.warn('Mien:', fault);
}
