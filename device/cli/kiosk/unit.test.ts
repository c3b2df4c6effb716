import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { fileIn, scratchFolder } from '../../lab/fixtures/scratch.ts';

const scratch = scratchFolder();
const unit = readFileSync(join(packageRoot, 'systemd/mien-kiosk.service'), 'utf8');
const analyze = '/usr/bin/systemd-analyze';
const whyNot = existsSync(analyze) ? undefined : 'systemd-analyze is missing; apt-get install systemd';

/** The unit with a program that exists here: the check refuses one that is missing. */
const installed = fileIn(scratch, 'mien-kiosk.service', unit.replace('/opt/mien/current/bin/mien', process.execPath));

test.skipIf(whyNot)(`systemd-analyze verify finds nothing ${whyNot ?? ''}`, () => {
  const { status, stderr } = spawnSync(analyze, ['verify', '--recursive-errors=one', installed], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.skipIf(whyNot)(`the exposure of the screen is at most 4.4 ${whyNot ?? ''}`, () => {
  const command = ['security', '--offline=true', '--threshold=44', installed];
  expect(() => execFileSync(analyze, command, { stdio: 'ignore' })).not.toThrow();
});

test('the unit starts this command', () => {
  expect(unit).toMatch(/^ExecStart=\/opt\/mien\/current\/bin\/mien kiosk \$KIOSK_OPTIONS$/m);
});

test('the policies of Chromium block every address but this device', () => {
  const policies = JSON.parse(readFileSync(join(packageRoot, 'systemd/chromium/mien-kiosk.json'), 'utf8'));
  expect(policies).toMatchObject({ URLBlocklist: ['*'], URLAllowlist: ['localhost', '127.0.0.1'] });
});
