import { describeError } from '../../core/errors.ts';
import type { Part } from '../../core/lifecycle.ts';
import type { Log } from '../../core/log.ts';
import { shorten } from '../../core/shorten.ts';
import type { HealthCheck } from '../health.ts';
import { type Notify, notifySocket, watchdogIntervalMs } from './notify-socket.ts';
import { WorkWatch, type WorkWatchDeps } from './work-watch.ts';

/** Interval of the status line without a watchdog, in ms. */
const statusEveryMs = 5000;

export interface ServiceNoticesDeps extends WorkWatchDeps {
  readonly health: Pick<HealthCheck, 'check'>;
  readonly log: Log;
  /** Default: the socket that this process has inherited. */
  readonly notify?: Notify;
  /** Default: the watchdog of this process. */
  readonly watchdogMs?: number;
}

/**
 * Tells systemd that the daemon is ready, how it is, and that it is at work. To be started last and stopped first. Without a
 * notification socket it does nothing.
 */
export class ServiceNotices implements Part {
  readonly name = 'service notices';
  readonly #deps: ServiceNoticesDeps;
  readonly #work: WorkWatch;
  readonly #notify: Notify | undefined;
  readonly #watchdogMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #status = '';
  #isAtWork = true;
  #hasFailed = false;

  constructor(deps: ServiceNoticesDeps) {
    this.#deps = deps;
    this.#work = new WorkWatch(deps);
    this.#notify = deps.notify ?? notifySocket();
    this.#watchdogMs = deps.watchdogMs ?? watchdogIntervalMs();
  }

  start(): void {
    if (!this.#notify) return;
    this.#send('READY=1', ...this.#news());
    const everyMs = this.#watchdogMs === undefined ? statusEveryMs : this.#watchdogMs / 3;
    this.#timer = setInterval(() => this.#tick(), everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#send('STOPPING=1');
  }

  #tick(): void {
    const isAtWork = this.#work.isAtWork();
    // Once is enough: systemd restarts the service within the interval of the watchdog.
    if (!isAtWork && this.#isAtWork) this.#deps.log.error('Neither the work nor its repair goes on: restart expected');
    this.#isAtWork = isAtWork;
    const isFed = isAtWork && this.#watchdogMs !== undefined;
    const lines = [...(isFed ? ['WATCHDOG=1'] : []), ...this.#news()];
    if (lines.length > 0) this.#send(...lines);
  }

  /** The status line where it has changed. */
  #news(): readonly string[] {
    const { status, reasons } = this.#deps.health.check();
    const line = shorten([status, ...reasons.slice(0, 1)].join(': ').replaceAll(/\s+/g, ' '));
    if (line === this.#status) return [];
    this.#status = line;
    return [`STATUS=${line}`];
  }

  #send(...lines: readonly string[]): void {
    try {
      this.#notify?.(...lines);
    } catch (error) {
      // The next one may arrive. If none does, systemd restarts the service, and this line says why.
      if (!this.#hasFailed) this.#deps.log.warn(`systemd takes no notification: ${describeError(error)}`);
      this.#hasFailed = true;
    }
  }
}
