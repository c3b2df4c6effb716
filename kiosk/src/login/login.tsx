import { useEffect, useRef, useState } from 'preact/hooks';
import type { z } from 'zod';
import type { whoSchema } from '../../../device/contract/session.ts';
import { ApiProblem, requestApi } from '../api/client.ts';
import { messages } from './messages/messages.ts';

export type Who = z.output<typeof whoSchema>;

interface Fault {
  readonly text: string;
  /** A command to run on the device. */
  readonly command?: string;
}

interface LoginProps {
  readonly who: Who | undefined;
  /** A failure before the form was shown. */
  readonly fault: Fault | undefined;
  readonly isEncrypted: boolean;
  readonly onDone: (who: Who) => void;
  readonly onLogOut: () => void;
}

export function Login(props: LoginProps) {
  const { who, isEncrypted } = props;
  useEffect(() => {
    document.title = `${messages.title} · Mien`;
  }, []);
  return (
    <main class="card">
      <h1>{messages.title}</h1>
      <p class="quiet">{messages.intro}</p>
      {!isEncrypted && <p class="alarm">{messages.notEncrypted}</p>}
      {who?.by === 'session' && <Known {...props} who={who} />}
      {who?.claim !== undefined && <ClaimForm {...props} />}
      {/* A viewer may log in as operator. */}
      {who?.claim === undefined && !(who?.by === 'session' && who.role === 'operator') && <PasswordForm {...props} />}
    </main>
  );
}

function Known({ who, onLogOut }: LoginProps & { who: Who }) {
  return (
    <>
      <p role="status">{who.role === 'operator' ? messages.operator : messages.viewer}</p>
      <p class="links">
        {who.role === 'operator' && <a href="admin">{messages.toAdmin}</a>}
        <a href="/">{messages.toKiosk}</a>
      </p>
      <button type="button" class="second" onClick={onLogOut}>
        {messages.logOut}
      </button>
    </>
  );
}

/** For a device that nobody has claimed: its code, and the password of its first operator. */
function ClaimForm({ onDone }: LoginProps) {
  const code = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState<Fault>();
  const [isBusy, setBusy] = useState(false);
  useEffect(() => code.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setFault(undefined);
    try {
      onDone(await logIn({ claim: code.current!.value, password: password.current!.value }));
    } catch (error) {
      setFault(faultOf(error, messages.wrongCode));
      setBusy(false);
      code.current!.select();
    }
  };

  return (
    <form onSubmit={submit} aria-busy={isBusy}>
      <p>{messages.claimIntro}</p>
      <label for="code">{messages.claimCode}</label>
      <input
        ref={code}
        id="code"
        autocomplete="off"
        autocapitalize="characters"
        spellcheck={false}
        dir="ltr"
        required
        aria-invalid={fault !== undefined}
        aria-describedby="fault"
      />
      <input type="text" name="username" autocomplete="username" value="operator" readonly hidden />
      <label for="new-password">{messages.newPassword}</label>
      <input
        ref={password}
        id="new-password"
        type="password"
        autocomplete="new-password"
        dir="ltr"
        minLength={8}
        required
      />
      <p id="fault" class="alarm" role="alert">
        {fault?.text}
      </p>
      <button type="submit" disabled={isBusy}>
        {isBusy ? messages.loggingIn : messages.claim}
      </button>
    </form>
  );
}

function PasswordForm({ who, fault: earlier, onDone }: LoginProps) {
  const field = useRef<HTMLInputElement>(null);
  const [fault, setFault] = useState(earlier);
  const [isBusy, setBusy] = useState(false);
  const [isShown, setShown] = useState(false);
  useEffect(() => field.current?.focus(), []);

  const submit = async (event: Event) => {
    event.preventDefault();
    const password = field.current!.value;
    if (password === '' || isBusy) return field.current!.focus();
    setBusy(true);
    setFault(undefined);
    try {
      onDone(await logIn({ password }));
    } catch (error) {
      setFault(faultOf(error, messages.wrongPassword));
      setBusy(false);
      field.current!.select();
    }
  };

  return (
    <form onSubmit={submit} aria-busy={isBusy}>
      {who?.password === false && (
        <p>
          {messages.noPassword} <Command text="mien access link" />
        </p>
      )}
      {/* For password managers, which keep a name with each password. */}
      <input type="text" name="username" autocomplete="username" value="operator" readonly hidden />
      <label for="password">{messages.password}</label>
      <div class="field">
        <input
          ref={field}
          id="password"
          name="password"
          // The library's type has one or the other, and not their union.
          type={(isShown ? 'text' : 'password') as 'password'}
          autocomplete="current-password"
          autocapitalize="none"
          spellcheck={false}
          dir="ltr"
          required
          aria-invalid={fault !== undefined}
          aria-describedby="fault"
        />
        <button type="button" class="second" aria-controls="password" onClick={() => setShown(!isShown)}>
          {isShown ? messages.hide : messages.show}
        </button>
      </div>
      <p id="fault" class="alarm" role="alert">
        {fault?.text} {fault?.command !== undefined && <Command text={fault.command} />}
      </p>
      <button type="submit" disabled={isBusy}>
        {isBusy ? messages.loggingIn : messages.logIn}
      </button>
    </form>
  );
}

function Command({ text }: { text: string }) {
  return (
    <code dir="ltr" translate={false}>
      {text}
    </code>
  );
}

export function logIn(body: { password: string; claim?: string } | { link: string }): Promise<Who> {
  return requestApi<Who>('/session', { method: 'POST', body });
}

/** Text for a refused login. The daemon's own words are English, and for its log. */
export function faultOf(error: unknown, refused: string, command?: string): Fault {
  if (!(error instanceof ApiProblem)) return { text: messages.failed };
  if (error.status === 401) return { text: refused, ...(command !== undefined && { command }) };
  const known: Readonly<Record<number, string>> = { 0: messages.noAnswer, 429: messages.tooMany, 503: messages.busy };
  return { text: known[error.status] ?? messages.failed };
}
