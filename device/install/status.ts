import { existsSync } from 'node:fs';
import { describeError } from '../core/errors.ts';
import { shownSource } from './fetch/source.ts';
import { type GateLimits, passGate } from './gate/gate.ts';
import { type GateCheck, passes } from './gate/judge.ts';
import { LocalApi } from './gate/local-api.ts';
import type { Observation } from './gate/observation.ts';
import type { Host } from './host/host.ts';
import { type Change, changeNote, type Hold, holdNote, type Postponed, postponedNote } from './host/record.ts';
import { Releases } from './host/releases.ts';
import { serviceState } from './host/service.ts';
import { serviceConfig } from './host/service-config.ts';
import { openingHoursAt, readSettings } from './host/settings.ts';
import { thisMachine } from './verify/preflight.ts';

/** What `mien status --json` prints, as one line. `null`: not known or not there. */
export interface Status {
  readonly version: string | null;
  readonly previous: string | null;
  readonly hold: Hold | null;
  readonly hours: readonly string[];
  /** The opening hours that it is now. */
  readonly openNow: string | null;
  readonly postponed: Postponed | null;
  /** A change that was cut: the next command heals it. */
  readonly cut: Pick<Change, 'verb' | 'from' | 'to' | 'step'> | null;
  readonly from: string | null;
  readonly channel: string;
  readonly service: string;
  readonly kiosk: string;
  readonly health: string | null;
  readonly reasons: readonly string[];
  readonly bootId: string | null;
  readonly uptimeSeconds: number | null;
  readonly camera: string | null;
  readonly frames: number | null;
  readonly fps: number | null;
  readonly inferenceP95Ms: number | null;
  readonly broker: string | null;
  readonly screenAgeSeconds: number | null;
  readonly freeMb: number;
  readonly writtenMbPerDay: number | null;
  readonly gate: readonly GateCheck[];
  readonly ok: boolean;
}

export interface StatusOrder {
  /** Waits so long until the gate passes, in s. */
  readonly wait?: number;
  readonly limits?: GateLimits;
}

/** The state of the installation and of the service. Changes nothing. */
export async function readStatus(host: Host, { wait = 0, limits }: StatusOrder): Promise<Status> {
  const releases = new Releases(host);
  const { current } = releases;
  const { now, gate } = await judgeNow(host, current, limitsFor(wait, limits));
  const settings = readSettings(host);
  const change = changeNote(host).read();
  return {
    version: current ?? null,
    previous: releases.previous ?? null,
    hold: holdNote(host).read() ?? null,
    hours: settings.hours,
    openNow: openingHoursAt(settings.hours, new Date()) ?? null,
    postponed: postponedNote(host).read() ?? null,
    cut: change ? { verb: change.verb, from: change.from, to: change.to, step: change.step } : null,
    from: settings.from === undefined ? null : shownSource(settings.from),
    channel: settings.channel,
    service: (await serviceState(host, 'mien')).state || 'unknown',
    kiosk: (await serviceState(host, 'mien-kiosk')).state || 'unknown',
    health: now?.status ?? null,
    reasons: now?.reasons ?? [],
    bootId: now?.bootId ?? null,
    uptimeSeconds: now?.uptimeSeconds ?? null,
    camera: now?.camera ?? null,
    frames: now?.frame ?? null,
    fps: now?.fps ?? null,
    inferenceP95Ms: now?.p95Ms ?? null,
    broker: now?.broker ?? null,
    screenAgeSeconds: now?.screenAgeSeconds === undefined ? null : Math.round(now.screenAgeSeconds),
    freeMb: Math.round(thisMachine(host.at.releases).freeBytes / 1e6),
    writtenMbPerDay: now?.writtenMbPerDay ?? null,
    gate,
    ok: current !== undefined && change === undefined && passes(gate),
  };
}

async function judgeNow(
  host: Host,
  current: string | undefined,
  limits: GateLimits,
): Promise<{ now?: Observation; gate: readonly GateCheck[] }> {
  if (current === undefined || !existsSync(host.at.config)) {
    return { gate: [{ check: 'version', ok: false, message: 'Mien is not installed' }] };
  }
  try {
    const api = new LocalApi(serviceConfig(host).http);
    const version = new Releases(host).productVersion(current);
    const { checks, now } = await passGate({ host, api, version, before: undefined, updatesDatabase: false, limits });
    return { now, gate: checks };
  } catch (error) {
    return { gate: [{ check: 'version', ok: false, message: describeError(error) }] };
  }
}

/** Two looks, 3.5 s apart, show whether frames advance. */
function limitsFor(wait: number, limits: GateLimits | undefined): GateLimits {
  if (limits) return limits;
  const ms = Math.max(wait * 1000, 3500);
  return { wholeMs: ms, loadingMs: ms, updatingMs: ms, intervalMs: 500 };
}
