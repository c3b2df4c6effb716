import { requestApi } from '../../api/client.ts';
import type { Camera } from '../answers.ts';
import { Await } from '../await.tsx';
import { Facts } from '../facts.tsx';
import { formatFigure } from '../format.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';

const everyMs = 15_000;

/** Requested and received format of the camera, and the cameras of this device. */
export function CameraPanel() {
  const loaded = useLoaded<Camera>('camera', (signal) => requestApi('/camera?devices=1', { signal }), { everyMs });
  return (
    <section class="panel" aria-labelledby="camera-title">
      <h2 id="camera-title">{texts.cameras}</h2>
      <Await loaded={loaded}>
        {({ asked, got, devices = [] }) => (
          <dl class="facts" data-testid="camera">
            <dt>{texts.asked}</dt>
            <dd>
              <Facts facts={factsOf(asked)} />
            </dd>
            <dt>{texts.got}</dt>
            <dd>
              <Facts facts={factsOf(got)} />
            </dd>
            <dt>{texts.devices}</dt>
            <dd>
              {devices.length === 0
                ? texts.noDevices
                : devices.map(({ path, name }) => (
                    <p key={path}>
                      {name} <code dir="ltr">{path}</code>
                    </p>
                  ))}
            </dd>
          </dl>
        )}
      </Await>
    </section>
  );
}

function factsOf({ source, width, height, fps }: Camera['got']): string[] {
  const size = width && height ? [`${width} × ${height}`] : [];
  const rate = fps ? [texts.fps(formatFigure(fps, 'tenths'))] : [];
  return [...(source === undefined ? [] : [source]), ...size, ...rate];
}
