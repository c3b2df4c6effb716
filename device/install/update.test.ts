import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { InstalledHost } from '../lab/fixtures/installed-host.ts';
import { changeNote, holdNote, postponedNote } from './host/record.ts';
import { install } from './install.ts';
import { rollback } from './rollback.ts';
import type { ChangeDeps } from './steps/change.ts';
import { heal } from './steps/heal.ts';
import { update } from './update.ts';

const device = new InstalledHost();
const inUse = () => [readlinkSync(device.host.at.current), device.releases.previous];

/** Mien 0.1.0 runs, installed from its unpacked archive. */
beforeEach(async () => {
  const config = device.path('mien.yaml');
  writeFileSync(config, `dataDir: ${device.path('data')}\nhttp:\n  port: ${device.port}\nmqtt:\n  enabled: false\n`);
  const order = { answers: { config }, kiosk: 'none', start: true } as const;
  const origin = { root: device.unpacked('0.1.0'), isPackaged: true };
  const first = await install(device.deps, order, origin);
  expect(first).toMatchObject({ outcome: 'installed', changed: true, version: '0.1.0', previous: null, code: 0 });
  expect(first.gate.map(({ check, ok }) => [check, ok])).toEqual([
    ['version', true],
    ['frames', true],
    ['inference', true],
    ['broker', null],
    ['screen', null],
  ]);
  expect(await install(device.deps, order, origin)).toMatchObject({ outcome: 'unchanged', changed: false, code: 0 });
});

test('an update takes effect, keeps the release before it and removes older ones', async () => {
  const { deps } = device;
  const from = await device.mirror('0.2.0');
  expect(await update(deps, { from })).toMatchObject({ outcome: 'updated', changed: true, version: '0.2.0', code: 0 });
  expect(inUse()).toEqual(['releases/0.2.0', '0.1.0']);
  expect(await update(deps, { from })).toMatchObject({ outcome: 'unchanged', changed: false, code: 0 });
  await update(deps, { from: await device.mirror('0.3.0') });
  expect(inUse()).toEqual(['releases/0.3.0', '0.2.0']);
  expect(readdirSync(device.host.at.releases).sort()).toEqual(['0.2.0', '0.3.0']);
  expect(readdirSync(device.host.at.home).sort()).toEqual(['current', 'previous', 'releases']);
});

test.each([
  ['sees no frame', { frames: 0 }, 'frames: 0 frames since this start'],
  ['is too slow', { p95: 400 }, 'inference: p95 400 ms, 20 ms before, at most 250 ms'],
  ['ends at its start', { crashes: true }, 'version: http://127.0.0.1:'],
])('a release that %s is taken back', async (_what, behaviour, reason) => {
  const from = await device.mirror('0.2.0', behaviour);
  const outcome = await update(device.deps, { from });
  expect(outcome).toMatchObject({ outcome: 'rolled-back', changed: true, version: '0.1.0', previous: null, code: 1 });
  expect(outcome.reason).toContain(`Mien 0.2.0 does not work here: ${reason}`);
  expect(inUse()).toEqual(['releases/0.1.0', undefined]);
  expect(device.isActive).toBe(true);
  expect(existsSync(device.host.at.record)).toBe(false);
  expect(readdirSync(device.host.at.releases)).toEqual(['0.1.0']);
});

test('a release whose native parts do not load never stops the service', async () => {
  const from = await device.mirror('0.2.0', { broken: true });
  device.ran.length = 0;
  await expect(update(device.deps, { from })).rejects.toThrow('needs an instruction that this processor lacks');
  expect(device.ran.filter((line) => line.startsWith('systemctl'))).toEqual([]);
  expect(readdirSync(device.host.at.releases)).toEqual(['0.1.0']);
});

test('expired metadata, an older release and a changed archive are refused, and nothing changes', async () => {
  const { deps } = device;
  const expired = await device.mirror('0.2.0', {}, { now: Date.parse('2026-01-02'), days: 1 });
  await expect(update(deps, { from: expired })).rejects.toThrow('expired at 2026-01-03');
  await expect(update(deps, { from: await device.mirror('0.0.9') })).rejects.toThrow(
    'Mien 0.0.9 is older than the installed 0.1.0',
  );
  const changed = await device.mirror('0.2.0');
  const archive = join(changed, `mien-0.2.0-${process.arch}.tar.gz`);
  const bytes = readFileSync(archive);
  bytes[100] = bytes[100]! ^ 1;
  writeFileSync(archive, bytes);
  await expect(update(deps, { from: changed })).rejects.toThrow(/expected sha256 \w+, got \w+: it was damaged/);
  expect(inUse()).toEqual(['releases/0.1.0', undefined]);
  expect(readdirSync(device.host.at.releases)).toEqual(['0.1.0']);
});

test('a hold and opening hours postpone an update; --now overrides the hours alone', async () => {
  const { deps, host } = device;
  const from = await device.mirror('0.2.0');
  writeFileSync(host.at.settings, 'hours: ["00:00-23:59"]\n');
  expect(await update(deps, { from })).toMatchObject({
    outcome: 'postponed',
    changed: false,
    version: '0.1.0',
    reason: 'opening hours (00:00-23:59)',
    code: 75,
  });
  expect(postponedNote(host).read()).toMatchObject({ version: '0.2.0', reason: 'opening hours (00:00-23:59)' });
  holdNote(host).write({ reason: 'fair', since: '2026-01-01T00:00:00Z', by: 'root' });
  const held = await update(deps, { from, now: true });
  expect(held).toMatchObject({ outcome: 'postponed', reason: 'on hold since 2026-01-01T00:00:00Z by root: fair' });
  holdNote(host).remove();
  expect(await update(deps, { from, now: true })).toMatchObject({ outcome: 'updated', version: '0.2.0' });
  expect(postponedNote(host).read()).toBe(undefined);
});

test('a check tells what is available and changes nothing', async () => {
  const from = await device.mirror('0.2.0');
  expect(await update(device.deps, { from, check: true })).toMatchObject({
    outcome: 'unchanged',
    available: '0.2.0',
    code: 0,
  });
  await expect(update(device.deps, { from, to: '0.3.0' })).rejects.toThrow(
    'Expected Mien 0.3.0, the mirror offers 0.2.0',
  );
  expect(inUse()).toEqual(['releases/0.1.0', undefined]);
});

test('a rollback by hand goes to the release before, and back again', async () => {
  const { deps } = device;
  await expect(rollback(deps)).rejects.toThrow('There is no release before Mien 0.1.0');
  await update(deps, { from: await device.mirror('0.2.0') });
  expect(await rollback(deps)).toMatchObject({ outcome: 'rolled-back', version: '0.1.0', previous: '0.2.0', code: 0 });
  expect(inUse()).toEqual(['releases/0.1.0', '0.2.0']);
  expect(await rollback(deps)).toMatchObject({ version: '0.2.0', previous: '0.1.0' });
});

test('a rollback that was cut is finished, and the same command does not go forward again', async () => {
  const { deps } = device;
  await update(deps, { from: await device.mirror('0.2.0') });
  const cut = device.powerCut((line) => line.startsWith('systemctl start'));
  void rollback(deps);
  await cut;
  device.setActive(false);
  device.setActive(true);
  expect(await rollback(deps)).toMatchObject({ outcome: 'rolled-back', version: '0.1.0', code: 0 });
});

test('a rollback that was cut before the switch goes on, since the database may be the old one already', async () => {
  const { deps } = device;
  await update(deps, { from: await device.mirror('0.2.0') });
  const cut = device.powerCut((line) => line === 'systemctl stop mien');
  void rollback(deps);
  await cut;
  changeNote(device.host).write({ ...changeNote(device.host).read()!, step: 'copy' });
  expect(await heal(deps)).toMatchObject({ done: true });
  expect(device.inUse).toBe('0.1.0');
});

test('a rollback after a cut update that did not work goes no further back', async () => {
  const { deps } = device;
  const cut = device.powerCut((line) => line.startsWith('systemctl start'));
  void update(deps, { from: await device.mirror('0.2.0', { frames: 0 }) });
  await cut;
  device.setActive(false);
  device.setActive(true);
  expect(await rollback(deps)).toMatchObject({ outcome: 'rolled-back', version: '0.1.0', code: 0 });
});

test('a step that fails on the way back does not leave the device stopped', async () => {
  const { deps } = device;
  const failing: ChangeDeps = {
    ...deps,
    host: {
      ...deps.host,
      run: async (program, args, limitMs) => {
        const outcome = await deps.host.run(program, args, limitMs);
        return args[0] === 'daemon-reload' ? { ...outcome, code: 1, stderr: 'no answer' } : outcome;
      },
    },
  };
  const outcome = await update(failing, { from: await device.mirror('0.2.0', { frames: 0 }) });
  expect(outcome).toMatchObject({ outcome: 'rolled-back', version: '0.1.0' });
  expect(device.isActive).toBe(true);
  expect(changeNote(device.host).read()).toBe(undefined);
});

/** Programs that an update runs: the power may fail before each. */
test.each([
  ['sync --file-system', '0.1.0'],
  ['systemctl stop mien', '0.1.0'],
  ['systemctl reset-failed mien', '0.2.0'],
  ['systemctl start --no-block mien', '0.2.0'],
  ['systemctl show', '0.2.0'],
])('after a power cut before "%s" the next command leaves Mien %s running', async (program, version) => {
  const { deps, host } = device;
  const from = await device.mirror('0.2.0');
  const inUseThen = () => readlinkSync(host.at.current) === `releases/${version}`;
  const cut = device.powerCut((line) => line.startsWith(program) && inUseThen());
  void update(deps, { from });
  await cut;
  // systemd starts what is enabled, with the release that the link leads to.
  device.setActive(false);
  device.setActive(true);
  const healed = await heal(deps);
  expect(healed?.done).toBe(version === '0.2.0' ? true : undefined);
  expect(readlinkSync(host.at.current)).toBe(`releases/${version}`);
  expect(changeNote(host).read()).toBe(undefined);
  expect(device.isActive).toBe(true);
  expect(await update(deps, { from })).toMatchObject({ outcome: version === '0.2.0' ? 'unchanged' : 'updated' });
  expect(inUse()).toEqual(['releases/0.2.0', '0.1.0']);
});

test('a change that was cut after the switch is taken back if the new release sees nothing', async () => {
  const { deps, host } = device;
  const from = await device.mirror('0.2.0', { frames: 0 });
  const cut = device.powerCut((line) => line.startsWith('systemctl start'));
  void update(deps, { from });
  await cut;
  device.setActive(false);
  device.setActive(true);
  expect(await update(deps, { from })).toMatchObject({ outcome: 'rolled-back', changed: true, code: 1 });
  expect(inUse()).toEqual(['releases/0.1.0', undefined]);
  expect(readdirSync(host.at.releases)).toEqual(['0.1.0']);
});

test('the next update finishes one that was cut, and says so', async () => {
  const { deps } = device;
  const from = await device.mirror('0.2.0');
  const cut = device.powerCut((line) => line.startsWith('systemctl start'));
  void update(deps, { from });
  await cut;
  const reason = 'the update that was cut is finished';
  expect(await update(deps, { from })).toMatchObject({ outcome: 'updated', changed: true, version: '0.2.0', reason });
});

test('a way back that was cut is finished', async () => {
  const { deps } = device;
  const from = await device.mirror('0.2.0', { frames: 0 });
  const cut = device.powerCut(
    (line) => line === 'systemctl stop mien' && changeNote(device.host).read()?.step === 'go-back',
  );
  void update(deps, { from });
  await cut;
  device.setActive(false);
  device.setActive(true);
  const healed = await heal(deps);
  expect(healed?.reason).toContain('Mien 0.2.0 does not work here: frames: 0 frames since this start');
  expect(inUse()).toEqual(['releases/0.1.0', undefined]);
});
