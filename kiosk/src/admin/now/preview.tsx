import { useEffect, useRef, useState } from 'preact/hooks';
import { type Condition, judge, staleMs } from '../../kiosk/live/condition.ts';
import { LivePicture } from '../../kiosk/live/picture.ts';
import type { Live, LiveFeed } from '../live.ts';
import { texts } from '../messages/texts.ts';
import { Switch } from '../switch.tsx';

const shownKey = 'mien.preview';

/** The live picture with its boxes. While it is hidden, the device sends no picture to this browser. */
export function Preview({ feed, live }: { feed: LiveFeed; live: Live }) {
  const [shown, setShown] = useState(() => localStorage.getItem(shownKey) !== 'hidden');
  const show = (on: boolean) => {
    localStorage.setItem(shownKey, on ? 'shown' : 'hidden');
    setShown(on);
  };
  return (
    <section class="panel preview" aria-labelledby="preview-title">
      <div class="panel-head">
        <h2 id="preview-title">{texts.preview}</h2>
        <Switch on={shown} onChange={show}>
          {texts.previewShow}
        </Switch>
      </div>
      {shown ? <Picture feed={feed} live={live} /> : <p class="hint">{texts.previewHidden}</p>}
    </section>
  );
}

/** State of the newest picture: none yet, live, or outdated. */
type Age = 'none' | 'fresh' | 'old';

function Picture({ feed, live }: { feed: LiveFeed; live: Live }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [faces, setFaces] = useState(0);
  const [age, setAge] = useState<Age>('none');
  const { width = 4, height = 3, fps } = live.device?.state.camera ?? {};
  const freshMs = useRef(staleMs);
  const closed = useRef(false);
  freshMs.current = staleMs + (fps ? 2000 / fps : 0);
  useEffect(() => {
    const element = canvas.current!;
    let stale: ReturnType<typeof setTimeout> | undefined;
    const picture = new LivePicture({
      canvas: element,
      onDrawn: (reading) => {
        // A frame that was on its way when the camera was closed.
        if (closed.current) return;
        setFaces(reading.faces.length);
        setAge('fresh');
        clearTimeout(stale);
        stale = setTimeout(() => setAge((before) => (before === 'fresh' ? 'old' : before)), freshMs.current);
      },
      onFault: (fault) => console.warn('Mien:', fault),
    });
    const sizes = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      picture.resize(Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio));
    });
    sizes.observe(element);
    const end = feed.onFrame((frame) => picture.show(frame));
    return () => {
      end();
      sizes.disconnect();
      clearTimeout(stale);
    };
  }, [feed]);
  const condition = conditionOf(live, age);
  // After a pause nothing is shown until the first new picture.
  const isClosed = condition === 'paused' || condition === 'lost' || condition === 'gone' || condition === 'restarting';
  closed.current = isClosed;
  useEffect(() => {
    if (isClosed) setAge('none');
  }, [isClosed]);
  return (
    <div
      class="picture"
      data-live={condition === 'live'}
      data-condition={condition}
      style={{ aspectRatio: `${width} / ${height}`, '--ratio': width / height }}
    >
      <canvas ref={canvas} role="img" aria-label={texts.preview} data-testid="preview" />
      <p class="picture-note">{condition === 'live' ? texts.previewFaces(faces) : texts.previewStates[condition]}</p>
    </div>
  );
}

function conditionOf({ device, connected }: Live, age: Age): Condition['kind'] {
  // The pause is known at once; the state of the camera follows once it is closed.
  if (connected && device?.paused) return 'paused';
  const isRestarting = device?.state.vision.state === 'restarting';
  const drawnAt = age === 'none' || isRestarting ? undefined : 0;
  return judge({ connected, state: device?.state, drawnAt, now: age === 'old' ? Number.MAX_SAFE_INTEGER : 0 }).kind;
}
