import type { RefObject } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { uncertain } from '../../../../device/core/labels.ts';
import { colourOf, knownExpressions, nameOf } from '../../expression/expressions.ts';
import { Chart } from '../history/chart.tsx';
import type { Timeline } from '../history/timeline.ts';
import { messages } from '../messages/messages.ts';
import { Announcer } from './announcer.ts';
import { Clock } from './clock.tsx';
import { Faces } from './faces.tsx';
import { Headline } from './headline.tsx';
import type { KioskModel, View } from './model.ts';
import { Stage } from './stage.tsx';
import { Status, warningOf } from './status.tsx';

/** Often enough for bars to move, seldom enough for a small board; the picture itself does not wait for this. */
const refreshMs = 125;
const announceAfterMs = 1500;
/** Characters of a notice that fit into two lines. */
const wordyNotice = 130;

export interface AppProps {
  readonly model: KioskModel;
  readonly timeline: Timeline;
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  readonly deviceNow: () => number;
}

export function App({ model, timeline, canvas, deviceNow }: AppProps) {
  const { condition, device, faces, nearest, ratio } = useView(model);
  const ofModel = device && device.labels.length > 0 ? device.labels : knownExpressions;
  const abstains = device?.state.vision.uncertain === true;
  const labels = abstains ? [...ofModel, uncertain] : ofModel;
  const title = device?.kiosk.title ?? messages.defaultTitle;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main
      class="kiosk"
      data-testid="kiosk"
      data-condition={condition.kind}
      data-warned={warningOf(device) !== undefined}
      data-uncertain={abstains}
      data-wordy={(device?.kiosk.notice.length ?? 0) > wordyNotice}
      style={{ '--accent': nearest ? colourOf(nearest.label) : undefined, '--ratio': String(ratio) }}
    >
      <div class="label-side">
        <header class="head">
          <h1>{title}</h1>
          <p data-testid="device-name">{device?.device.name}</p>
          <Clock />
        </header>
        <Headline face={nearest} people={faces.length} live={condition.kind === 'live'} />
        <Faces faces={faces} labels={labels} />
      </div>
      <div class="picture-side">
        <Stage canvas={canvas} condition={condition} />
        <Chart timeline={timeline} labels={labels} now={deviceNow} />
      </div>
      <Status device={device} connected={condition.kind !== 'gone' && condition.kind !== 'connecting'} />
      <Announcement label={nearest?.label} />
    </main>
  );
}

function useView(model: KioskModel): View {
  const [view, setView] = useState(() => model.view());
  useEffect(() => {
    const timer = setInterval(() => setView(model.view()), refreshMs);
    return () => clearInterval(timer);
  }, [model]);
  return view;
}

function Announcement({ label }: { label: string | undefined }) {
  const announcer = useMemo(() => new Announcer({ holdMs: announceAfterMs }), []);
  const said = announcer.update(label, performance.now());
  return (
    <output class="unseen" aria-live="polite" data-testid="announcement">
      {said === undefined ? '' : messages.apparentExpressionIs(nameOf(said))}
    </output>
  );
}
