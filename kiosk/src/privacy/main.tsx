import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { privacySchema } from '../../../device/contract/privacy.ts';
import { requestApi } from '../api/client.ts';
import { applyLanguage, language, languages } from '../language/language.ts';
import { settingOf } from '../settings.ts';
import { applyTheme } from '../theme/theme.ts';
import { messages } from './messages/messages.ts';
import { type PrivacyItem, statementOf } from './statement.ts';
import './style.css';

applyLanguage();
// Read on phones: in the phone's own theme, unless the address names one.
applyTheme(new URLSearchParams(location.search).get('theme') ?? 'auto');
document.title = messages.title;
render(<Privacy />, document.getElementById('privacy')!);

type Answer =
  | { readonly state: 'loading' | 'failed' }
  | { readonly state: 'told'; readonly items: readonly PrivacyItem[] };

/** The device's statements about what it stores and sends. */
function Privacy() {
  const [answer, setAnswer] = useState<Answer>({ state: 'loading' });
  const load = useCallback(() => {
    setAnswer({ state: 'loading' });
    requestApi<z.output<typeof privacySchema>>('/privacy').then(
      ({ items }) => setAnswer({ state: 'told', items }),
      () => setAnswer({ state: 'failed' }),
    );
  }, []);
  useEffect(load, [load]);
  return (
    <main class="privacy" data-testid="privacy" data-state={answer.state}>
      <h1>{messages.title}</h1>
      <p class="lead">{messages.purpose}</p>
      <p>{messages.apparent}</p>
      <h2>{messages.whatHappens}</h2>
      <div aria-live="polite">
        {answer.state === 'loading' && <p class="quiet">{messages.loading}</p>}
        {answer.state === 'failed' && (
          <p class="failed">
            {messages.failed}{' '}
            <button type="button" onClick={load}>
              {messages.again}
            </button>
          </p>
        )}
        {answer.state === 'told' && (
          <>
            <ul>{answer.items.map(toLine)}</ul>
            <p class="quiet">{messages.derived}</p>
          </>
        )}
      </div>
      <Languages />
    </main>
  );
}

function toLine(item: PrivacyItem) {
  const { text, isOwn } = statementOf(item, messages.items);
  return (
    <li key={item.code} {...(isOwn ? { lang: 'en', dir: 'ltr' } : {})}>
      {text}
    </li>
  );
}

function Languages() {
  const theme = settingOf('theme');
  const named = new URLSearchParams(location.search).has('theme') && theme ? `&theme=${theme}` : '';
  return (
    <nav aria-label={messages.language}>
      {Object.entries(languages).map(([code, { name, direction }]) => (
        <a
          key={code}
          href={`?lang=${code}${named}`}
          lang={code}
          dir={direction}
          aria-current={code === language ? 'true' : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}
