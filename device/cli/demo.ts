import { Command } from 'commander';
import { WebSocket } from 'ws';
import { listCaptureDevices } from '../camera/devices.ts';
import { type LoadedConfig, loadConfigWithSources } from '../config/load.ts';
import { shownTexts } from '../config/mask.ts';
import { type Config, configSchema } from '../config/schema.ts';
import { systemClock as clock, wait } from '../core/clock.ts';
import { commandName } from '../core/command.ts';
import { exitCode } from '../core/errors.ts';
import { happyShareOf } from '../core/labels.ts';
import type { Log } from '../core/log.ts';
import { maskAddress } from '../core/mask.ts';
import { setUpAgain } from '../core/repair.ts';
import type { Reading } from '../core/types.ts';
import { type Daemon, startDaemon } from '../main.ts';
import { createLog } from '../ops/log.ts';
import { LogRing } from '../ops/log-ring.ts';
import { type LocalBroker, startLocalBroker } from '../sinks/mqtt/broker.ts';
import { connectClient } from '../sinks/mqtt/client.ts';
import { retainedTopics } from '../sinks/mqtt/mqtt.ts';
import { readStore } from '../sinks/sqlite/sqlite.ts';
import { loginLink } from './access.ts';
import { examineApart } from './doctor/apart.ts';
import { type CliOptions, configOptions, inputsOf, seconds, sourceOptions } from './options.ts';
import { untilStopped } from './signals.ts';

export function demoCommand(): Command {
  return sourceOptions(configOptions(new Command('demo')))
    .description('Show what Mien does, on a USB camera or else on the built-in clip, with its own MQTT broker.')
    .option(
      '--for <seconds>',
      'stop after this time and print a summary; exit code 0 only if everything worked',
      seconds,
    )
    .action(async (options: CliOptions & { for?: number }) => {
      process.exitCode = await demo(options, options.for);
    });
}

/** Not 1883: subscribers of a real broker must not receive the people of the built-in clip. */
const demoBrokerPort = 18_831;

/** Counts of the demo, measured where users receive the data: at the broker and at the page. */
interface Tally {
  readings: number;
  faces: number;
  visits: number;
  readonly labels: Map<string, number>;
  publishedReadings: number;
  publishedVisits: number;
  servedFrames: number;
  newest: Reading | undefined;
}

async function demo(options: CliOptions, forSeconds: number | undefined): Promise<number> {
  const stopped = untilStopped(forSeconds);
  const inputs = inputsOf(options, { log: { level: 'warn', format: 'text' } });
  const origin = loadConfigWithSources(inputs);
  const base = origin.config;
  const logs = new LogRing();
  const log = createLog(base.log, { ring: logs, mask: shownTexts(base) });
  const broker = await brokerFor(base, log);
  const config: Config = {
    ...base,
    dataDir: base.dataDir === '.mien/data' ? '.mien/demo' : base.dataDir,
    camera: { ...base.camera, source: bestSource(base.camera.source) },
    mqtt: { ...base.mqtt, enabled: true, url: broker.url, baseTopic: topicFor(origin) },
  };
  const tally: Tally = {
    readings: 0,
    faces: 0,
    visits: 0,
    labels: new Map(),
    publishedReadings: 0,
    publishedVisits: 0,
    servedFrames: 0,
    newest: undefined,
  };
  const startedAt = clock.now();
  const startedMono = clock.mono();
  const daemon = await startDaemon({
    config,
    origin,
    log,
    logs,
    doctor: () => examineApart(inputs),
    onReading: (reading) => count(tally, reading),
    onVisit: () => {
      tally.visits += 1;
    },
  }).catch(async (error: unknown) => {
    await broker.stop();
    throw error;
  });
  print(introduction(daemon, config, broker));
  const stopWatching = watch(daemon, config, tally);
  const ticker = setInterval(() => print(statusLine(tally, daemon, startedMono)), 5000);

  await stopped;
  clearInterval(ticker);
  const pageServed = forSeconds !== undefined && (await pageIsServed(`${daemon.origin}/`));
  // Stopping ends the visits in progress; their rows and messages count too.
  await daemon.stop();
  await stopWatching();
  await broker.stop();
  if (forSeconds === undefined) return 0;
  const logged = countRows(daemon.databaseFile, startedAt);
  return summarize(tally, { ...logged, pageServed, seconds: (clock.mono() - startedMono) / 1000, daemon });
}

/** Counts the rows of this run, read from the database file as any other program would. */
function countRows(file: string, since: number): { samples: number; visits: number } {
  const store = readStore(file);
  const range = { from: since, to: clock.now() + 1, limit: 1_000_000 };
  const rows = { samples: store.samples(range).rows.length, visits: store.visits(range).rows.length };
  store.close();
  return rows;
}

function bestSource(wanted: string): string {
  if (wanted !== 'auto') return wanted;
  const [camera] = listCaptureDevices();
  return camera?.stablePath ?? camera?.path ?? 'demo';
}

function count(tally: Tally, reading: Reading): void {
  tally.readings += 1;
  tally.faces += reading.faces.length;
  tally.newest = reading;
  for (const { label } of reading.faces) tally.labels.set(label, (tally.labels.get(label) ?? 0) + 1);
}

/** The configured broker, or else an own one. */
async function brokerFor({ mqtt: { url } }: Config, log: Log): Promise<LocalBroker> {
  const isNamed = url !== configSchema.parse({}).mqtt.url;
  if (isNamed) return { url, embedded: false, stop: async () => {} };
  return startLocalBroker({ host: '127.0.0.1', port: demoBrokerPort, log });
}

/** Separate topics, so that the demo does not mix with a device of the same name. */
function topicFor({ config, sources }: LoadedConfig): string {
  return sources.has('mqtt.baseTopic') ? config.mqtt.baseTopic : 'mien-demo';
}

/** Subscribes at the broker and opens the live stream of the page, as users would. */
function watch(daemon: Daemon, config: Config, tally: Tally): () => Promise<void> {
  const topic = topicOf(config);
  const client = connectClient(config.mqtt, {});
  client.on('connect', () => client.subscribe(`${topic}/#`, { qos: 1 }));
  client.on('message', (name) => {
    if (name === `${topic}/reading`) tally.publishedReadings += 1;
    if (name === `${topic}/visit`) tally.publishedVisits += 1;
  });
  client.on('error', () => {
    // The daemon reports an unreachable broker. Here it only means that nothing is counted.
  });
  const socket = new WebSocket(`${daemon.origin.replace('http', 'ws')}/live`);
  socket.on('message', (_data, isBinary) => {
    tally.servedFrames += isBinary ? 1 : 0;
    // Ten frames prove the live picture. Close the stream, so that frames are encoded for real viewers only.
    if (tally.servedFrames >= 10) socket.close();
  });
  socket.on('error', () => {
    // Shows as "served 0" in the summary.
  });
  return async () => {
    socket.terminate();
    // Delete the retained messages: they would announce a device that does not exist.
    const clear = (name: string) => client.publishAsync(`${topic}/${name}`, '', { qos: 1, retain: true });
    if (client.connected) await Promise.race([Promise.allSettled(retainedTopics.map(clear)), wait(1000)]);
    await client.endAsync(true);
  };
}

/** Whether the kiosk page is served, with its script. */
async function pageIsServed(url: string): Promise<boolean> {
  const response = await fetch(url).catch(() => undefined);
  return response?.ok === true && (await response.text()).includes('<script type="module"');
}

function introduction(daemon: Daemon, config: Config, broker: LocalBroker): string {
  const source =
    config.camera.source === 'demo' ? 'the built-in clip (no USB camera found)' : maskAddress(config.camera.source);
  return [
    '',
    'Mien demo',
    `  kiosk page  ${daemon.url}`,
    `  operator    ${loginLink(daemon)}`,
    `              (works once, within ten minutes; new link: ${commandName()} access link --set dataDir=${config.dataDir})`,
    `  source      ${source}`,
    `  broker      ${maskAddress(broker.url)} (${broker.embedded ? 'built in' : 'configured'}), topics ${topicOf(config)}/#`,
    `  database    ${daemon.databaseFile}`,
    '  Stop it with Ctrl-C.',
    '',
  ].join('\n');
}

function statusLine(tally: Tally, daemon: Daemon, startedMono: number): string {
  const { camera, vision, mqtt: broker } = daemon.board.current;
  const elapsed = `${((clock.mono() - startedMono) / 1000).toFixed(0).padStart(4)} s`;
  if (camera.state !== 'online')
    return `${elapsed}  camera ${camera.state}${camera.reason ? `: ${camera.reason}` : ''}`;
  const faces = tally.newest?.faces ?? [];
  const seen = faces.map(({ label, reason, probability }) => {
    if (reason) return `${label} (${reason})`;
    return probability === undefined ? label : `${label} ${percent(probability)}`;
  });
  return [
    elapsed,
    `${(vision.fps ?? 0).toFixed(0)} frames/s`,
    faces.length === 0 ? 'no faces' : `${faces.length} ${faces.length === 1 ? 'face' : 'faces'}: ${seen.join(', ')}`,
    `${tally.visits} visits`,
    `MQTT ${broker.state}`,
  ].join('  ');
}

interface Outcome {
  readonly samples: number;
  readonly visits: number;
  readonly pageServed: boolean;
  readonly seconds: number;
  readonly daemon: Daemon;
}

/** Prints the summary; 0 when faces were seen, logged, published and served, 1 otherwise. */
function summarize(tally: Tally, { samples, visits, pageServed, seconds: duration, daemon }: Outcome): number {
  const labels = [...tally.labels]
    .sort((a, b) => b[1] - a[1])
    .map(([label, n]) => `${label} ${percent(n / tally.faces)}`);
  const happyShare = happyShareOf(Object.fromEntries(tally.labels));
  const { vision, camera } = daemon.board.current;
  const checks = [
    {
      name: 'seen',
      passed: tally.faces > 0,
      text: [
        `${tally.faces} faces in ${tally.readings} readings`,
        labels.length > 0 && ` (${labels.join(', ')})`,
        happyShare !== null && `; ${percent(happyShare)} of those with a label looked happy`,
      ]
        .filter(Boolean)
        .join(''),
      remedy: camera.reason ?? vision.warning ?? 'Nobody was in front of the camera',
    },
    {
      name: 'logged',
      passed: samples > 0,
      text: `${samples} rows and ${visits} visits in ${daemon.databaseFile}`,
      remedy: daemon.board.current.store.reason,
    },
    {
      name: 'published',
      passed: tally.publishedReadings > 0,
      text: `${tally.publishedReadings} readings and ${tally.publishedVisits} visits received over MQTT`,
      remedy: daemon.board.current.mqtt.reason,
    },
    {
      name: 'served',
      passed: pageServed && tally.servedFrames > 0,
      text: `the kiosk page ${pageServed ? 'answers' : 'does not answer'}, ${tally.servedFrames > 0 ? 'with' : 'without'} a live picture`,
      remedy: pageServed ? undefined : setUpAgain(),
    },
  ];
  print(
    `\nAfter ${duration.toFixed(0)} s, with ${vision.detector ?? 'no detector'} and ${vision.model ?? 'no model'}:`,
  );
  for (const { name, passed, text, remedy } of checks) {
    print(`  ${passed ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${text}${!passed && remedy ? `. ${remedy}` : ''}`);
  }
  return checks.every(({ passed }) => passed) ? 0 : exitCode.failure;
}

function topicOf({ mqtt: { baseTopic }, device }: Config): string {
  return `${baseTopic}/${device.name}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
