import type { LiveSettingsPatch } from '../../../config/live-settings.ts';
import { noProfile } from '../../../config/profiles.ts';
import type { ResponseBody } from '../../../contract/mqtt/commands.ts';
import type { Clock } from '../../../core/clock.ts';
import type { Actor, Control } from '../../../core/control.ts';
import { describeError, MienError } from '../../../core/errors.ts';
import { Limiter } from '../../../core/limiter.ts';
import type { Log } from '../../../core/log.ts';
import { type Command, checkCommand, isKnown, readPayload, refused, responseName, transactionOf } from './payload.ts';
import type { SnapshotDeps } from './snapshot.ts';

/** MQTT does not say who has published a message. */
const actor: Actor = { source: 'mqtt' };

const rate = { burst: 20, everyMs: 200 };
/** Interval of the answers that report refused commands, in ms. */
const refusalsEveryMs = 1000;
/** Interval of the log lines about them: a flood must not fill the disk. */
const refusalsLoggedEveryMs = 600_000;
/** Refused commands that are audited. */
const auditedRefusals = { burst: 20, everyMs: 60_000 };
const defaultExpiresS = 60;

/** A message below `set/` or `request/`. */
export interface ReceivedCommand {
  /** Below the topic of the device: `request/ping`. */
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isRetained: boolean;
  /** Message expiry of MQTT 5: seconds that were left when the broker sent the message. */
  readonly expiresS?: number;
}

/** What commands act on. */
export interface CommandedDevice extends Pick<SnapshotDeps, 'live' | 'isPaused' | 'audit'> {
  readonly control: Control<LiveSettingsPatch>;
}

type Results = Readonly<Record<string, unknown>>;

export interface CommandsDeps {
  readonly control: Pick<
    Control<LiveSettingsPatch>,
    'pause' | 'resume' | 'restartVision' | 'limitRate' | 'applyProfile' | 'refuse'
  >;
  readonly snapshots: { take(actor: Actor): Promise<Results> };
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** Publishes on `response/<name>`. */
  readonly respond: (name: string, body: ResponseBody) => void;
}

/**
 * Carries out commands in their order and answers each. One command runs per turn of the event loop, at most 5 per second are
 * accepted, and what is old does nothing: a retained message, or one that has expired.
 */
export class Commands {
  readonly #deps: CommandsDeps;
  readonly #limiter: Limiter;
  readonly #audits: Limiter;
  readonly #queue: { readonly command: ReceivedCommand; readonly receivedAt: number }[] = [];
  #next: NodeJS.Immediate | undefined;
  #isStopped = false;
  #unaudited = 0;
  #refused = 0;
  #refusalAnsweredAt = Number.NEGATIVE_INFINITY;
  #refusalLoggedAt = Number.NEGATIVE_INFINITY;

  constructor(deps: CommandsDeps) {
    this.#deps = deps;
    this.#limiter = new Limiter(deps.clock, rate);
    this.#audits = new Limiter(deps.clock, auditedRefusals);
  }

  receive(command: ReceivedCommand): void {
    // An empty retained message deletes a retained one.
    if (this.#isStopped || (command.isRetained && command.payload.length === 0)) return;
    if (this.#limiter.take('') > 0) {
      this.#refuseFlood(command.topic);
      return;
    }
    this.#queue.push({ command, receivedAt: this.#deps.clock.mono() });
    this.#next ??= setImmediate(() => this.#runNext());
  }

  stop(): void {
    this.#isStopped = true;
    clearImmediate(this.#next);
  }

  #runNext(): void {
    const next = this.#queue.shift();
    this.#next = this.#queue.length > 0 ? setImmediate(() => this.#runNext()) : undefined;
    if (next) void this.#run(next.command, next.receivedAt);
  }

  /** Never rejects: each fault becomes a response. */
  async #run(received: ReceivedCommand, receivedAt: number): Promise<void> {
    const { topic, payload } = received;
    let transaction: string | undefined;
    let command: Command | undefined;
    try {
      const value = readPayload(topic, payload);
      transaction = transactionOf(value);
      const checked = checkCommand(topic, value);
      this.#requireCurrent(received, receivedAt, checked);
      command = checked;
      const data = await this.#carryOut(command);
      this.#respond(topic, { transaction, status: 'ok', ...(data && { data }) });
    } catch (error) {
      // What has reached the control or the snapshots is audited there.
      if (!command) this.#auditRefusal(topic, describeError(error));
      if (!(error instanceof MienError))
        this.#deps.log.error({ err: error }, `${topic} failed: ${describeError(error)}`);
      this.#respond(topic, { transaction, status: 'error', error: describeError(error) });
    }
  }

  /** @throws MienError for a command of the past */
  #requireCurrent({ isRetained, expiresS }: ReceivedCommand, receivedAt: number, { body }: Command): void {
    if (isRetained) {
      const remedy = 'Publish it without the retain flag, and delete the retained message with an empty one';
      throw refused('A retained command is not carried out, because it may be old', remedy);
    }
    const { clock } = this.#deps;
    const waitedS = (clock.mono() - receivedAt) / 1000;
    if (expiresS !== undefined && waitedS > expiresS) {
      throw refused(
        `The command has expired: it waited for ${waitedS} s and was valid for ${expiresS} s`,
        'Send it again',
      );
    }
    if (typeof body !== 'object' || body === null || body.sent_at === undefined) return;
    const { sent_at: sentAt, expires_s: validS = defaultExpiresS } = body;
    const ageS = (clock.now() - sentAt) / 1000;
    // The clock of the device may be years behind, e.g. before its first contact with a time server.
    if (ageS < -Math.max(validS, defaultExpiresS)) {
      const remedy = 'Compare the clocks of sender and device, or omit sent_at';
      throw refused(`The command is from the future: it was sent in ${-ageS} s, so its age is not known`, remedy);
    }
    if (ageS > validS) {
      const remedy = 'Send it again. If it was new, compare the clocks of sender and device';
      throw refused(`The command has expired: it is ${ageS} s old and was valid for ${validS} s`, remedy);
    }
  }

  #carryOut(command: Command): Results | undefined | Promise<Results> {
    const { control, snapshots, version } = this.#deps;
    switch (command.topic) {
      case 'request/pause':
        return this.#pause(true);
      case 'request/resume':
        return this.#pause(false);
      case 'set/paused':
        return this.#pause(command.body === 'ON' || command.body === 'true');
      case 'request/restart-vision':
        return void control.restartVision(actor);
      case 'request/rate':
        return this.#limitRate(command.body.fps);
      case 'set/rate':
        return this.#limitRate(command.body);
      case 'request/profile':
        return this.#applyProfile(command.body.name);
      case 'set/profile':
        return this.#applyProfile(command.body);
      case 'request/ping':
        this.#deps.log.debug('Answers request/ping');
        return { version };
      case 'request/snapshot':
        return snapshots.take(actor);
    }
  }

  #pause(paused: boolean): Results {
    const { control } = this.#deps;
    if (paused) control.pause(actor);
    else control.resume(actor);
    return { paused };
  }

  #limitRate(fps: number | 'none' | null): Results {
    this.#deps.control.limitRate(typeof fps === 'number' ? fps : undefined, actor);
    return { fps: fps ?? 'none' };
  }

  #applyProfile(name: string): Results {
    this.#deps.control.applyProfile(name === noProfile ? undefined : name, actor);
    return { profile: name };
  }

  #auditRefusal(topic: string, reason: string): void {
    if (this.#audits.take('') > 0) {
      this.#unaudited += 1;
      return;
    }
    // A topic that is not known may contain anything. The reason quotes it.
    const request = isKnown(topic) ? topic : 'unknown';
    this.#deps.control.refuse({ request, reason, unaudited: this.#unaudited }, actor);
    this.#unaudited = 0;
  }

  /** An answer to each command of a flood would double it. */
  #refuseFlood(topic: string): void {
    this.#refused += 1;
    const now = this.#deps.clock.mono();
    if (now - this.#refusalAnsweredAt < refusalsEveryMs) return;
    this.#refusalAnsweredAt = now;
    const limit = `at most ${rate.burst} at once and ${1000 / rate.everyMs} per second are accepted`;
    const error = describeError(refused(`Too many commands: ${limit}, ${this.#refused} refused so far`, 'Send fewer'));
    if (now - this.#refusalLoggedAt >= refusalsLoggedEveryMs) {
      this.#refusalLoggedAt = now;
      this.#deps.log.warn(`MQTT commands: ${error}`);
    }
    this.#respond(topic, { status: 'error', error });
  }

  #respond(topic: string, body: Omit<ResponseBody, 'command'>): void {
    this.#deps.respond(responseName(topic), { ...body, command: topic.slice(0, 200) });
  }
}
