// @ts-check

/**
 * @typedef {object} Step
 * @property {(text: string) => void} note how far it is, e.g. `12/28`
 * @property {(text?: string) => void} done
 * @property {(text?: string) => void} fail
 *
 * @typedef {object} Progress
 * @property {(title: string) => Step} step
 * @property {(text: string) => void} say one line of its own
 * @property {() => void} close
 */

/**
 * Says what set-up is doing: a line when a step begins and when it ends, and in between a sign of life. On a terminal that
 * is one line that is written over; elsewhere (a log, CI) a new line now and then.
 * @param {{ out: { write(text: string): unknown, columns?: number }, live: boolean, everyMs?: number, mono?: () => number }} options
 * @returns {Progress}
 */
export function createProgress({ out, live, everyMs = live ? 500 : 15_000, mono = () => performance.now() }) {
  /** @type {Map<string, { since: number, note: string }>} */
  const running = new Map();
  const began = mono();
  const seconds = (/** @type {number} */ since) => `${Math.round((mono() - since) / 1000)} s`;
  const clear = live ? '\r\x1b[K' : '';
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  /** @param {string} text */
  const line = (text) => out.write(`${clear}${text}\n`);

  const beat = () => {
    const parts = [...running].map(([title, { since, note }]) => `${title}${note && ` ${note}`} (${seconds(since)})`);
    if (parts.length === 0) return;
    if (live) out.write(clear + `  ${parts.join(', ')}`.slice(0, (out.columns ?? 80) - 1));
    else line(`  ... ${parts.join(', ')}`);
  };

  const stopBeat = () => {
    if (timer === undefined || running.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    say: line,
    close() {
      running.clear();
      stopBeat();
      if (live) out.write(clear);
    },
    step(title) {
      const entry = { since: mono(), note: '' };
      running.set(title, entry);
      line(`[${seconds(began)}] ${title} ...`);
      timer ??= setInterval(beat, everyMs);
      /** @param {string} text */
      const end = (text) => {
        running.delete(title);
        line(`[${seconds(began)}] ${title}: ${text}`);
        stopBeat();
      };
      return {
        note: (text) => {
          entry.note = text;
        },
        done: (text = 'done') => end(`${text}, ${seconds(entry.since)}`),
        fail: (text = 'failed') => end(`${text}, ${seconds(entry.since)}`),
      };
    },
  };
}
