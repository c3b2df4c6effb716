// @ts-check
/**
 * Uses Mien as its users do, in a network namespace that has loopback only: the daemon on the built-in clip with a broker,
 * a viewer and uploads, then the commands that load the native libraries. All of it under strace.
 *
 * node traced-session.mjs CLI FOLDER SECONDS [BROKER]; writes FOLDER/trace.N per command and prints what it did as JSON.
 */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';

const [cli = '', folder = '', seconds = '', broker = ''] = process.argv.slice(2);
const data = join(folder, 'data');
const picture = join(folder, 'upload.jpg');
const origin = 'http://127.0.0.1:9113';
const sessionMs = Number(seconds) * 1000;
const uploadEveryMs = 5000;
const calls =
  'open,openat,openat2,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,link,linkat,symlink,symlinkat,mknod,mknodat,truncate,bind,connect,sendto,sendmsg,sendmmsg';
let traces = 0;

const strace = () => {
  const file = join(folder, `trace.${traces++}`);
  return [
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-y',
    '-s',
    '4096',
    '-e',
    'signal=none',
    '-e',
    `trace=${calls}`,
    '-o',
    file,
    cli,
  ];
};

/** @param {readonly string[]} args */
function runToEnd(...args) {
  const { status, stderr } = spawnSync('strace', [...strace(), ...args], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { command: args[0], status, stderr };
}

/** @param {() => Promise<boolean>} ask */
async function until(ask) {
  for (const endsAt = performance.now() + 60_000; performance.now() < endsAt; await wait(100)) {
    if (await ask().catch(() => false)) return;
  }
  throw new Error(`Nothing came within 60 s: ${ask}`);
}

/** A session of the daemon, with somebody in front of it, a viewer and uploads. */
async function session() {
  const settings = [`dataDir=${data}`, 'camera.source=demo', 'camera.pace=max', 'visits.gapMs=300', 'http.port=9113'];
  settings.push(broker ? 'mqtt.url=mqtt://127.0.0.1:9114' : 'mqtt.enabled=false');
  const served = broker === '' ? undefined : spawn(broker, ['-p', '9114'], { stdio: 'ignore' });
  const args = ['run', ...settings.flatMap((setting) => ['--set', setting])];
  const daemon = spawn('strace', [...strace(), ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  daemon.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    log += text;
  });
  const ended = new Promise((resolve) => daemon.once('close', resolve));
  try {
    await until(async () => (await answerOf('reading')).faces.length > 0);
    let frames = 0;
    const page = new WebSocket(`${origin.replace('http', 'ws')}/live`).on('message', (_, isBinary) => {
      frames += isBinary ? 1 : 0;
    });
    const startedAt = performance.now();
    // By the time of a snapshot the visitor may have gone: a picture without a face answers 422.
    await until(async () => {
      writeFileSync(picture, Buffer.from(await (await fetch(`${origin}/snapshot.jpg`)).arrayBuffer()));
      return (await upload()) === 200;
    });
    const uploads = [];
    do {
      uploads.push(await upload());
      await wait(uploadEveryMs);
    } while (uploads.length < 3 || performance.now() - startedAt < sessionMs);
    await until(async () => (await answerOf('visits?minutes=60')).visits.length > 0);
    const { visits } = await answerOf('visits?minutes=60&limit=1000');
    const { state } = await answerOf('state');
    page.terminate();
    const tookS = Math.round((performance.now() - startedAt) / 1000);
    return { tookS, uploads, frames, visits: visits.length, mqtt: state.mqtt.state, log: () => log };
  } catch (error) {
    throw new Error(`The daemon said: ${log}`, { cause: error });
  } finally {
    // strace passes no signal on; it ends with the daemon.
    spawnSync('sh', ['-c', `kill $(cat /proc/${daemon.pid}/task/${daemon.pid}/children)`]);
    await ended;
    served?.kill();
  }
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
async function answerOf(path) {
  return (await fetch(`${origin}/api/v1/${path}`)).json();
}

async function upload() {
  const body = new FormData();
  body.set('image', new Blob([readFileSync(picture)], { type: 'image/jpeg' }), 'upload.jpg');
  return (await fetch(`${origin}/api/v1/classify`, { method: 'POST', body })).status;
}

const { log, ...seen } = await session();
const verbs = [
  runToEnd('classify', picture),
  runToEnd('doctor', '--set', `dataDir=${data}`, '--set', 'mqtt.enabled=false'),
];
process.stdout.write(JSON.stringify({ ...seen, verbs, log: log() }));
