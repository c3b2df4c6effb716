import { useEffect } from 'preact/hooks';
import { knownExpressions } from '../expression/known.ts';
import { Header } from './header.tsx';
import { History } from './history/history.tsx';
import { type Live, type LiveFeed, useLive } from './live.ts';
import { Logs } from './logs/logs.tsx';
import { texts } from './messages/texts.ts';
import { Model } from './model/model.tsx';
import { Now } from './now/now.tsx';
import { type Section, sections, useSection } from './route.ts';
import { Settings } from './settings/settings.tsx';
import { System } from './system/system.tsx';

/** The operator page: one section at a time. A line above them says when the device does not answer. */
export function App({ feed }: { feed: LiveFeed }) {
  const live = useLive(feed);
  const section = useSection();
  const name = live.device?.device.name;
  useEffect(() => {
    document.title = [texts[section], name, texts.title].filter(Boolean).join(' · ');
  }, [section, name]);
  return (
    <div class="page" data-connected={live.connected} data-section={section}>
      <button type="button" class="skip" onClick={() => document.getElementById('content')?.focus()}>
        {texts.skip}
      </button>
      <Header name={name} />
      <nav class="sections" aria-label={texts.sections}>
        {sections.map((each) => (
          <a key={each} href={`#${each}`} aria-current={each === section ? 'page' : undefined}>
            {texts[each]}
          </a>
        ))}
      </nav>
      <output class="offline" data-testid="offline">
        {!live.connected && (
          <>
            <strong>{texts.offline}.</strong> {texts.offlineHint}
          </>
        )}
      </output>
      <main id="content" tabIndex={-1}>
        <h1 class="unseen">{texts[section]}</h1>
        <Content section={section} feed={feed} live={live} />
      </main>
    </div>
  );
}

function Content({ section, feed, live }: { section: Section; feed: LiveFeed; live: Live }) {
  switch (section) {
    case 'now':
      return <Now feed={feed} live={live} />;
    case 'history':
      return <History labels={labelsOf(live)} now={Date.now} />;
    case 'settings':
      return <Settings feed={feed} live={live} />;
    case 'model':
      return <Model />;
    case 'logs':
      return <Logs />;
    case 'system':
      return <System live={live} />;
  }
}

/** The model's labels, with `uncertain` where it is in use; the usual labels until the device has sent its own. */
function labelsOf({ device }: Live): readonly string[] {
  const labels = device && device.labels.length > 0 ? device.labels : knownExpressions;
  return device?.state.vision.uncertain === false ? labels : [...labels, 'uncertain'];
}
