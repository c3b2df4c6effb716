import { expect, test } from 'vitest';
import { recapOf } from './recap.ts';

const output = `TASK [Say it] ****
ok: [lobby]
hall : ok=99   changed=9    unreachable=0    failed=0    skipped=0    rescued=0    ignored=0

PLAY RECAP *********************************************************************
lobby                      : ok=31   changed=12   unreachable=0    failed=0    skipped=2    rescued=0    ignored=0
hall                       : ok=3    changed=0    unreachable=1    failed=2    skipped=0    rescued=1    ignored=0
`;

test('the counts of each host stand below PLAY RECAP', () => {
  expect(Object.fromEntries(recapOf(output))).toEqual({
    lobby: { ok: 31, changed: 12, unreachable: 0, failed: 0 },
    hall: { ok: 3, changed: 0, unreachable: 1, failed: 2 },
  });
});

test('a run that ended before its recap has no hosts', () => {
  expect(recapOf(output.slice(0, 60)).size).toBe(0);
});
