// @ts-check
import { createHash } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { SetupFault } from './fault.mjs';

/**
 * One set-up at a time per checkout. The lock is a listening socket in Linux's abstract namespace: it is taken atomically,
 * needs no file, and goes away with its holder, also on kill -9.
 * @param {{ root: string, signal: AbortSignal, limitMs?: number, onWait: (holder: string) => void }} options
 * @returns {Promise<() => Promise<void>>} releases it
 */
export async function takeLock({ root, signal, onWait, limitMs = 60 * 60_000 }) {
  const path = realpathSync(root);
  // Device and inode too: containers may share a network namespace and have the same path.
  const { dev, ino } = statSync(path);
  const name = `\0mien-setup-${createHash('sha256').update(`${path} ${dev} ${ino}`).digest('hex').slice(0, 24)}`;
  const deadline = performance.now() + limitMs;
  for (;;) {
    const release = await listen(name);
    if (release) return release;
    const holder = await waitForHolder(name, signal, deadline - performance.now(), onWait);
    if (holder === 'aborted' || signal.aborted) throw new SetupFault('stopped while waiting', { remedy: '' });
    if (performance.now() > deadline) {
      throw new SetupFault('another set-up of this checkout has been running for an hour', {
        remedy: 'End it and start again.',
      });
    }
  }
}

/**
 * @param {string} name
 * @returns {Promise<(() => Promise<void>) | undefined>} undefined when another process holds it
 */
function listen(name) {
  return new Promise((resolve, reject) => {
    /** @type {Set<import('node:net').Socket>} */
    const waiters = new Set();
    const server = createServer((socket) => {
      waiters.add(socket);
      socket.on('close', () => waiters.delete(socket));
      socket.on('error', () => socket.destroy()); // The waiter has ended; there is nothing to report.
      socket.write(`${process.pid}`);
    });
    server.once('error', (error) => {
      if (/** @type {NodeJS.ErrnoException} */ (error).code === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(name, () =>
      resolve(
        () =>
          new Promise((closed) => {
            server.close(() => closed());
            for (const waiter of waiters) waiter.destroy();
          }),
      ),
    );
    server.unref();
  });
}

/**
 * @param {string} name
 * @param {AbortSignal} signal
 * @param {number} limitMs
 * @param {(holder: string) => void} onWait
 * @returns {Promise<'gone' | 'aborted'>}
 */
function waitForHolder(name, signal, limitMs, onWait) {
  return new Promise((resolve) => {
    const socket = connect(name);
    const onAbort = () => end('aborted');
    const timer = setTimeout(() => end('gone'), Math.max(0, limitMs));
    /** @param {'gone' | 'aborted'} how */
    function end(how) {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(how);
    }
    signal.addEventListener('abort', onAbort, { once: true });
    socket.on('data', (data) => onWait(data.toString()));
    socket.on('error', () => end('gone')); // The holder released the lock between our two calls.
    socket.on('close', () => end('gone'));
  });
}
