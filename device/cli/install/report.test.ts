import { expect, test } from 'vitest';
import type { Outcome } from '../../install/outcome.ts';
import { describeOutcome } from './report.ts';

test('the outcome for people names the release, the reason and each check', () => {
  const outcome: Outcome = {
    ...{ outcome: 'rolled-back', changed: true, version: '0.1.0', previous: null, code: 1 },
    reason: 'Mien 0.2.0 does not work here: frames: 0 frames since this start',
    gate: [
      { check: 'version', ok: true, message: '0.2.0' },
      { check: 'frames', ok: false, message: '0 frames since this start' },
      { check: 'broker', ok: null, message: 'MQTT is off' },
    ],
  };
  expect(describeOutcome(outcome)).toBe(
    [
      'Rolled back (Mien 0.1.0): Mien 0.2.0 does not work here: frames: 0 frames since this start',
      'ok    version    0.2.0',
      'FAIL  frames     0 frames since this start',
      '-     broker     MQTT is off',
      '',
    ].join('\n'),
  );
});
