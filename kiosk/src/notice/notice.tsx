import { messages } from './messages/messages.ts';

/** Data that the device writes onto the page's <html>: the kind, and its own words. */
interface NoticeProps {
  readonly notice?: string;
  readonly detail?: string;
  /** Path below which a proxy shows this device. */
  readonly base?: string;
}

/** The reason why a request was refused, and links to other pages. */
export function Notice({ notice = 'refused', detail, base = '' }: NoticeProps) {
  const kind = notice in messages.kinds ? (notice as keyof typeof messages.kinds) : 'refused';
  const { title, text } = messages.kinds[kind];
  document.title = `${title} · Mien`;
  const here = location.pathname + location.search;
  return (
    <main class="card" data-testid="notice" data-kind={kind}>
      <h1>{title}</h1>
      <p>{text}</p>
      {kind !== 'operators' && detail && (
        <p class="quiet" lang="en" dir="auto">
          {detail}
        </p>
      )}
      <p class="links">
        {kind === 'operators' && <a href={`${base}/login?next=${encodeURIComponent(here)}`}>{messages.logIn}</a>}
        <a href={`${base}/`}>{messages.toKiosk}</a>
      </p>
    </main>
  );
}
