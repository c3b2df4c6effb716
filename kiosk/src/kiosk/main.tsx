import { createRef, render } from 'preact';
import type { Sample } from '../../../device/core/types.ts';
import { applyLanguage } from '../language/language.ts';
import { applyTheme } from '../theme/theme.ts';
import { Timeline } from './history/timeline.ts';
import { LiveConnection, type Socket } from './live/connection.ts';
import { LivePicture } from './live/picture.ts';
import './style.css';
import { App } from './view/app.tsx';
import { KioskModel } from './view/model.ts';

const model = new KioskModel({ now: () => performance.now() });
const timeline = new Timeline({ bucketMs: 5000, windowMs: 5 * 60_000 });
const canvas = createRef<HTMLCanvasElement>();

/** How far the device's wall clock is from this browser's; nothing where both are one machine. */
let clockOffset = 0;
const deviceNow = () => Date.now() + clockOffset;

applyLanguage();
applyTheme();
render(
  <App model={model} timeline={timeline} canvas={canvas} deviceNow={deviceNow} />,
  document.getElementById('kiosk')!,
);

const picture = new LivePicture({
  canvas: canvas.current!,
  onDrawn: (reading) => model.drawn(reading),
  onFault: report,
});
new ResizeObserver(([entry]) => {
  const { width, height } = entry!.contentRect;
  picture.resize(Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio));
}).observe(canvas.current!);

let boot: string | undefined;
let version: string | undefined;

new LiveConnection({
  open: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/live`) as Socket,
  onConnected: (connected) => model.connected(connected),
  onState: (state) => {
    // A new daemon brings a new page. `version` is of the daemon that this page was loaded from.
    if (version !== undefined && version !== state.version) return location.reload();
    version = state.version;
    if (boot !== state.bootId) void backfill();
    boot = state.bootId;
    model.heard(state);
  },
  onFrame: (frame) => {
    clockOffset = frame.reading.ts - Date.now();
    for (const face of frame.reading.faces) timeline.add(frame.reading.ts, face.label);
    picture.show(frame);
  },
  onFault: report,
}).start();

/** The minutes that this page has not seen itself. Without them the chart starts empty, which is no reason to fail. */
async function backfill(): Promise<void> {
  try {
    const response = await fetch(`/api/v1/samples?minutes=${timeline.windowMs / 60_000}`);
    if (!response.ok) throw new Error(`the log answered ${response.status}`);
    timeline.backfill(((await response.json()) as { samples: readonly Sample[] }).samples);
  } catch (fault) {
    report(fault);
  }
}

function report(fault: unknown): void {
  console.warn('Mien:', fault);
}
