import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';

const built = join(packageRoot, 'device', 'dist', 'cli', 'run', 'survive.js');

test.each([
  [1, 'still here'],
  [4, 'still here'],
  [5, 'broken'],
])('after %i uncaught exceptions: %s', (throws, outcome) => {
  const script = join(scratchFolder(), 'throws.mjs');
  writeFileSync(
    script,
    `import { untilBroken } from '${built}';
    const log = { error: ({ err, stack }, text) => console.error(text, err.message, stack.includes('throws.mjs')) };
    untilBroken(log).then(() => { console.log('broken'); process.exit(); });
    for (let n = 0; n < ${throws}; n += 1) setTimeout(() => { throw new Error('of a library'); }, n);
    setTimeout(() => console.log('still here'), 200);`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  expect(status).toBe(0);
  expect(stdout.trim()).toBe(outcome);
  expect(stderr.match(/of a library true/g)).toHaveLength(throws);
});
