import { useEffect, useRef, useState } from 'preact/hooks';
import { LivePicture } from '../../kiosk/live/picture.ts';
import type { Live, LiveFeed } from '../live.ts';
import { texts } from '../messages/texts.ts';
import { Switch } from '../switch.tsx';

/** After this long without a picture, the last one is no longer "now". */
const staleMs = 3000;
const shownKey = 'mien.preview';

/** What the camera sees, with its boxes; can be hidden, and then no picture is sent to this browser at all. */
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

function Picture({ feed, live: { device, connected } }: { feed: LiveFeed; live: Live }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [faces, setFaces] = useState<number>();
  useEffect(() => {
    const element = canvas.current!;
    let stale: ReturnType<typeof setTimeout> | undefined;
    const picture = new LivePicture({
      canvas: element,
      onDrawn: (reading) => {
        setFaces(reading.faces.length);
        clearTimeout(stale);
        stale = setTimeout(() => setFaces(undefined), staleMs);
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
  const { width = 4, height = 3 } = device?.state.camera ?? {};
  const isLive = faces !== undefined && connected && !device?.paused;
  return (
    <div class="picture" data-live={isLive} style={{ aspectRatio: `${width} / ${height}` }}>
      <canvas ref={canvas} role="img" aria-label={texts.preview} data-testid="preview" />
      <p class="picture-note">
        {isLive ? texts.previewFaces(faces) : device?.paused ? texts.paused : texts.previewWaiting}
      </p>
    </div>
  );
}
