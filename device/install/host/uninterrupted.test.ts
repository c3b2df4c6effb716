import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';

const scratch = scratchFolder();
const built = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot, 'device/dist', path)).href);

/** Ends its output and sends signals while a process works; it writes `done` at its end. */
async function interrupted(begin: string): Promise<boolean> {
  const done = join(scratch, `done-${begin.length}`);
  const script = `
    import { writeFileSync } from 'node:fs';
    import { exitWhenUnread } from ${built('cli/signals.js')};
    import { runUninterrupted } from ${built('install/host/uninterrupted.js')};
    exitWhenUnread();
    ${begin}
    console.log('begun');
    for (let at = 0; at < 15; at += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.stderr.write('a line\\n');
    }
    writeFileSync(${JSON.stringify(done)}, '');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stderr.destroy();
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) if (begin !== '') child.kill(signal);
  await ended;
  return existsSync(done);
}

test('a lost terminal ends a command, but not one that has stopped the service', async () => {
  expect(await interrupted('')).toBe(false);
  expect(await interrupted('runUninterrupted((line) => void process.stderr.write(line));')).toBe(true);
});
