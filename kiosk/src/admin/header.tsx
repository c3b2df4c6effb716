import { useState } from 'preact/hooks';
import { requestApi } from '../api/client.ts';
import { language, languages } from '../language/language.ts';
import { settingOf } from '../settings.ts';
import { texts } from './messages/texts.ts';

const themes = ['auto', 'light', 'dark', 'contrast'] as const;

/** Name of the device, language and theme, links and sign-out. */
export function Header({ name }: { name: string | undefined }) {
  return (
    <header class="top">
      <p class="brand">
        <strong>Mien</strong> <span data-testid="device-name">{name}</span>
      </p>
      <div class="looks">
        <label>
          <span class="unseen">{texts.language}</span>
          <select value={language} onChange={(event) => reopen('lang', event.currentTarget.value)}>
            {Object.entries(languages).map(([tag, each]) => (
              <option key={tag} value={tag} lang={tag}>
                {each.name}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span class="unseen">{texts.theme}</span>
          <select
            value={themes.find((theme) => theme === settingOf('theme')) ?? 'auto'}
            onChange={(event) => reopen('theme', event.currentTarget.value)}
          >
            {themes.map((theme) => (
              <option key={theme} value={theme}>
                {texts.themes[theme]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <nav class="elsewhere" aria-label="Mien">
        <a href="./">{texts.kioskPage}</a>
        <a href="try">{texts.tryPage}</a>
        <SignOut />
      </nav>
    </header>
  );
}

function SignOut() {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    // Where it fails, the login page shows which session is still valid.
    await requestApi('/session', { method: 'DELETE' }).catch(() => undefined);
    location.assign('login');
  };
  return (
    <button type="button" class="link" disabled={busy} onClick={() => void leave()}>
      {texts.signOut}
    </button>
  );
}

/** Language and theme are part of the address, as on all pages, so that a link or a bookmark keeps them. */
function reopen(parameter: string, value: string): void {
  const address = new URL(location.href);
  address.searchParams.set(parameter, value);
  location.assign(address);
}
