import { requestApi } from '../../api/client.ts';
import type { Configuration as ConfigurationAnswer } from '../answers.ts';
import { Await } from '../await.tsx';
import { formatSpan } from '../format.ts';
import type { Live } from '../live.ts';
import { useLoaded } from '../loaded.ts';
import { texts } from '../messages/texts.ts';
import { Bundle } from './bundle.tsx';
import { Configuration } from './configuration.tsx';
import { Copies } from './copies.tsx';

/** Version and uptime of the device, files of its log, its configuration, and the support bundle. */
export function System({ live: { device } }: { live: Live }) {
  const loaded = useLoaded<ConfigurationAnswer>('config', (signal) => requestApi('/config', { signal }));
  return (
    <>
      <div class="beside even">
        <section class="panel" aria-labelledby="about-title">
          <h2 id="about-title">{texts.about}</h2>
          {device && (
            <dl class="facts">
              <dt>{texts.device}</dt>
              <dd>{device.device.name}</dd>
              <dt>{texts.version}</dt>
              <dd>{device.version}</dd>
              <dt>{texts.running}</dt>
              <dd>{formatSpan(device.uptimeSeconds * 1000)}</dd>
              <dt>{texts.viewers}</dt>
              <dd>{device.live.viewers}</dd>
            </dl>
          )}
        </section>
        <Bundle />
      </div>
      <Copies />
      <section class="panel" aria-labelledby="configuration-title">
        <h2 id="configuration-title">{texts.configuration}</h2>
        <p class="hint">{texts.configurationHint}</p>
        <Await loaded={loaded}>{({ settings }) => <Configuration entries={settings} />}</Await>
      </section>
    </>
  );
}
