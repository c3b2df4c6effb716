import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ConfigInputs } from '../../config/load.ts';
import { childEnvironment } from '../../core/child-environment.ts';
import { endBeforeDaemon } from '../../core/oom-score.ts';
import type { Finding } from './finding.ts';

/** The checks of the addons alone may take minutes on a slow board. */
const limitMs = 11 * 60_000;

/**
 * Runs `examine` in a separate process: it reads whole models and loads libraries, which would block the pages of the daemon.
 *
 * @throws Error if it ends without an answer, or takes longer than 11 minutes
 */
export function examineApart(
  inputs: ConfigInputs,
  entry = fileURLToPath(new URL('./doctor-main.js', import.meta.url)),
): Promise<readonly Finding[]> {
  return new Promise((resolve, reject) => {
    const child = fork(entry, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
      // The settings of the environment are in `inputs`.
      env: childEnvironment(),
    });
    endBeforeDaemon(child.pid);
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    child.once('message', (findings) => resolve(findings as readonly Finding[]));
    child.once('error', reject);
    child.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the doctor ended without an answer'));
    });
    child.send(inputs, () => undefined);
  });
}
