import type { RefObject } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { uncertain } from '../../../../device/core/labels.ts';
import type { Face } from '../../../../device/core/types.ts';
import { colourOf, inChartOrder, nameInText } from '../../expression/expressions.ts';
import { knownExpressions } from '../../expression/known.ts';
import { reasonOf } from '../../expression/reasons.ts';
import { Chart } from '../history/chart.tsx';
import type { Timeline } from '../history/timeline.ts';
import { dayColumns, type Logged, summarise } from '../history/today.ts';
import { messages } from '../messages/messages.ts';
import { Announcer } from './announcer.ts';
import { Attract } from './attract.tsx';
import { Clock } from './clock.tsx';
import { Faces } from './faces.tsx';
import { Headline } from './headline.tsx';
import type { KioskModel, View } from './model.ts';
import { Stage } from './stage.tsx';
import { Status } from './status.tsx';

/** Interval of redraws: short enough for moving bars, long enough for a small board. The picture does not wait for it. */
const refreshMs = 125;
const announceAfterMs = 1500;
/** Characters of a notice that fit into two lines. */
const wordyNotice = 130;
const minuteSteps = [600, 900, 1800];
const hourSteps = [3 * 3600, 6 * 3600, 12 * 3600];

export interface AppProps {
  readonly model: KioskModel;
  readonly timeline: Timeline;
  /** The known hours of today. */
  readonly today: () => readonly Logged[];
  readonly canvas: RefObject<HTMLCanvasElement | null>;
  /** The device's wall clock. */
  readonly deviceNow: () => number;
}

export function App({ model, timeline, today, canvas, deviceNow }: AppProps) {
  const { condition, device, faces, nearest, inviting, ratio, claimCode } = useView(model);
  const ofModel = device && device.labels.length > 0 ? device.labels : knownExpressions;
  const labels = device?.state.vision.uncertain === true ? [...ofModel, uncertain] : ofModel;
  const title = device?.kiosk.title ?? messages.defaultTitle;
  const lastHour = useCallback(
    (order: readonly string[]) => timeline.columns(deviceNow(), order),
    [timeline, deviceNow],
  );
  const hours = useCallback((order: readonly string[]) => dayColumns(today(), deviceNow(), order), [today, deviceNow]);
  const hourSummary = useCallback(() => ({ seconds: timeline.seconds(deviceNow()) }), [timeline, deviceNow]);
  const todaySummary = useCallback(() => summarise(today()), [today]);
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main
      class="kiosk"
      data-testid="kiosk"
      data-condition={condition.kind}
      data-crowd={faces.length > 4}
      data-wordy={(device?.kiosk.notice.length ?? 0) > wordyNotice}
      style={{ '--accent': nearest ? colourOf(nearest.label) : undefined, '--ratio': String(ratio) }}
    >
      <div class="label-side">
        <header class="head">
          <h1>{title}</h1>
          <p data-testid="device-name">{device?.device.name}</p>
          <Clock />
        </header>
        {inviting ? (
          <Attract labels={inChartOrder(labels)} />
        ) : (
          <>
            <Headline face={nearest} people={faces.length} live={condition.kind === 'live'} />
            <Faces faces={faces} labels={labels} />
          </>
        )}
      </div>
      <div class="picture-side">
        <Stage canvas={canvas} condition={condition} />
        <div class="charts">
          <Chart
            name="hour"
            title={messages.lastHour}
            labels={labels}
            bucketMs={timeline.bucketMs}
            steps={minuteSteps}
            columns={lastHour}
            minSeconds={30}
            summary={hourSummary}
          />
          <Chart
            name="today"
            title={messages.today}
            labels={labels}
            bucketMs={3_600_000}
            steps={hourSteps}
            columns={hours}
            minSeconds={600}
            summary={todaySummary}
          />
        </div>
      </div>
      <Status
        device={device}
        claimCode={claimCode}
        connected={condition.kind !== 'gone' && condition.kind !== 'connecting'}
        explained={condition.kind === 'model'}
      />
      <Announcement face={nearest} />
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

function Announcement({ face }: { face: Face | undefined }) {
  const announcer = useMemo(() => new Announcer({ holdMs: announceAfterMs }), []);
  return (
    <output class="unseen" aria-live="polite" data-testid="announcement">
      {announcer.update(face && spokenOf(face), performance.now()) ?? ''}
    </output>
  );
}

/** The expression as a sentence; for a face without a name also what would help. */
function spokenOf(face: Face): string {
  const expression = messages.apparentExpressionIs(nameInText(face.label));
  return face.label === uncertain ? `${expression}. ${messages.unnamed[reasonOf(face) ?? 'unknown']}` : expression;
}
