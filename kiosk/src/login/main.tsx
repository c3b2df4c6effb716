import { render } from 'preact';
import { requestApi } from '../api/client.ts';
import { applyLanguage } from '../language/language.ts';
import { applyTheme } from '../theme/theme.ts';
import { faultOf, Login, logIn, type Who } from './login.tsx';
import { messages } from './messages/messages.ts';
import './style.css';
import { targetOf } from './target.ts';

applyLanguage();
applyTheme('auto');

const root = document.getElementById('login')!;
/** The code stands behind the `#`, where no server and no log sees it. Removed from address and history at once. */
const link = /^#link=(.+)$/.exec(location.hash)?.[1];
if (link !== undefined) history.replaceState(null, '', location.pathname + location.search);

if (link === undefined) await show();
else
  await logIn({ link }).then(leave, (error: unknown) => show(faultOf(error, messages.wrongLink, 'mien access link')));

async function show(fault?: ReturnType<typeof faultOf>): Promise<void> {
  const who = await requestApi<Who>('/session').catch((error: unknown) => {
    fault ??= faultOf(error, messages.wrongPassword);
    return undefined;
  });
  render(
    <Login
      // Another session needs another page.
      key={who?.by}
      who={who}
      fault={fault}
      isEncrypted={isSecureContext}
      onDone={leave}
      onLogOut={logOut}
    />,
    root,
  );
}

function leave({ role }: Who): void {
  // The back button must not lead to the login page.
  location.replace(targetOf(new URLSearchParams(location.search).get('next'), location.origin, role ?? 'viewer'));
}

async function logOut(): Promise<void> {
  await requestApi('/session', { method: 'DELETE' }).then(
    () => show(),
    (error: unknown) => show(faultOf(error, messages.wrongPassword)),
  );
}
