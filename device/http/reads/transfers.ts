import type { Clock } from '../../core/clock.ts';
import type { Actor, Audit, AuditRecord } from '../../core/control.ts';
import { describeError } from '../../core/errors.ts';
import { ProblemError } from '../answers/problem.ts';
import type { Download } from './reads.ts';
import { defaultUnreadMs, dropUnread } from './unread.ts';

/** Limit of each kind at the same time. They use the disk and the reading thread for minutes. */
const maxOpen = { export: 2, backup: 1 } as const;

interface TransferRequest {
  readonly action: keyof typeof maxOpen;
  readonly actor: Actor;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface TransfersDeps {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly unreadMs?: number;
}

/** The copies of the log that leave the device: few at a time, and each one with an audit record at its end. */
export class Transfers {
  readonly #deps: TransfersDeps;
  readonly #open = { export: 0, backup: 0 };

  constructor(deps: TransfersDeps) {
    this.#deps = deps;
  }

  /** @throws ProblemError if too many are open, and what `make` throws */
  async open<Kind extends Download>(request: TransferRequest, make: () => Promise<Kind>): Promise<Kind> {
    const { action } = request;
    if (this.#open[action] >= maxOpen[action]) throw busy(action);
    this.#open[action] += 1;
    let bytes = 0;
    let isOver = false;
    const end = (outcome: AuditRecord['outcome'], reason?: string) => {
      if (isOver) return;
      isOver = true;
      this.#open[action] -= 1;
      const details = { ...request.details, bytes };
      this.#deps.audit({ ...request, ts: this.#deps.clock.now(), outcome, ...(reason && { reason }), details });
    };
    const failing = async <Result>(promise: Promise<Result>): Promise<Result> => {
      try {
        return await promise;
      } catch (error) {
        end('failed', describeError(error));
        throw error;
      }
    };
    const made = await failing(make());
    const recorded: Kind = {
      ...made,
      async next() {
        const piece = await failing(made.next());
        bytes += piece?.length ?? 0;
        if (!piece) end('done');
        return piece;
      },
      close() {
        end('failed', 'The client left before the end');
        made.close();
      },
    };
    return dropUnread(recorded, this.#deps.unreadMs ?? defaultUnreadMs);
  }
}

function busy(action: keyof typeof maxOpen): ProblemError {
  return new ProblemError({
    status: 503,
    title: 'Busy',
    detail: `Expected at most ${maxOpen[action]} ${action} at a time, got another one`,
    remedy: 'Try again when the running one has ended.',
    headers: { 'Retry-After': '10' },
  });
}
