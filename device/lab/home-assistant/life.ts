import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HangingCamera } from '../bench/product/hanging-camera.ts';
import type { Checks } from '../checks.ts';
import { type Mosquitto, type Observer, observe, startMosquitto } from '../fixtures/mosquitto.ts';
import { Device } from './device.ts';
import { type EntityState, HomeAssistant, type Installation } from './home-assistant.ts';
import { demoPictures } from './pictures.ts';

/** Limit of the acceptance: every entity has its value within this time. */
const limitS = 5;
/** Home Assistant tries the broker again every 10 s, and sends its birth message some seconds after it has subscribed. */
const hassReconnectS = 30;
const name = 'lab';
const ofCamera = ['sensor.lab_people', 'sensor.lab_expression', 'sensor.lab_smiles', 'sensor.lab_dwell'];
const switchId = 'switch.lab_paused';
/** Entities whose state is the time of the last press or visit. Home Assistant has none before the first. */
const stateless = ['button.lab_restart_vision', 'event.lab_visit'];

/** Starts, commands, faults, a new name and the removal of a device, with a real Home Assistant and a real broker. */
export class Life {
  readonly #checks: Checks;
  readonly #home: HomeAssistant;
  readonly #port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), 'mien-home-assistant-'));
  readonly #device: Device;
  #broker: Mosquitto | undefined;
  #seen: Observer | undefined;

  constructor(checks: Checks, script: string, installation: Installation) {
    this.#checks = checks;
    this.#home = new HomeAssistant(script, installation);
    this.#port = installation.mqttPort;
    const url = `mqtt://127.0.0.1:${this.#port}`;
    this.#device = new Device({ 'device.name': name, 'mqtt.url': url, dataDir: join(this.#folder, 'data') });
  }

  async run(): Promise<void> {
    try {
      await this.#openBroker();
      console.log(`== ${await this.#home.up()}`);
      await this.#appears();
      await this.#valuesFollow();
      await this.#commands();
      await this.#restarts();
      await this.#cameraLost();
      await this.#renamed();
      await this.#removed();
    } finally {
      await this.#device.stop();
      await this.#home.down();
      await this.#seen?.stop();
      await this.#broker?.stop();
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }

  async #openBroker(): Promise<void> {
    this.#broker = await startMosquitto({ port: this.#port });
    this.#seen = await observe(this.#broker.url, '#', { reconnect: true });
  }

  async #appears(): Promise<void> {
    await this.#allPresent("the daemon's first start", await this.#device.start());
    const sent = this.#seen!.messages.filter(({ topic }) => topic.endsWith('/config') && topic.includes('/device/'));
    const verdict = await this.#home.validate(sent.at(-1)!.text);
    const lines = verdict.trim().split('\n');
    const bad = lines.filter((line) => !line.startsWith('ok'));
    this.#checks.report(
      bad.length === 0 && lines.length > 15,
      `its validator accepts ${lines.length} entities ${bad.join('; ')}`,
    );
  }

  /** Compares only values that did not change meanwhile, because the two sides are read one after the other. */
  async #valuesFollow(): Promise<void> {
    const shown = new Map([...ofCamera.slice(0, 2)].map((id) => [id, new Set<string>()]));
    const different: string[] = [];
    for (const end = performance.now() + 25_000; performance.now() < end; await sleep(200)) {
      for (const [id, key] of [
        ['sensor.lab_people', 'people'],
        ['sensor.lab_expression', 'expression'],
      ] as const) {
        const before = this.#newest(key);
        await sleep(300);
        const state = (await this.#home.states()).get(id)?.state ?? 'missing';
        if (before !== this.#newest(key)) continue;
        shown.get(id)!.add(state);
        if (state !== before) different.push(`${id} ${state} instead of ${before}`);
      }
    }
    for (const [id, values] of shown) {
      this.#checks.report(values.size > 1, `${id} follows: ${[...values].join(', ')}`);
    }
    this.#checks.report(different.length === 0, `values are those at the broker ${different.join('; ')}`);
    await this.#checks.within(30, 'a visit arrives as event', async () => {
      const event = (await this.#home.states()).get('event.lab_visit');
      return event?.attributes.event_type === 'visit' ? [] : [`event.lab_visit ${JSON.stringify(event)}`];
    });
  }

  async #commands(): Promise<void> {
    const camera = async (wanted: string) => {
      const { camera } = await this.#device.state();
      return camera.state === wanted ? [] : [`camera ${camera.state}`];
    };
    await this.#home.call('switch', 'turn_on', switchId);
    await this.#checks.within(limitS, 'the pause switch pauses the camera', () => camera('paused'));
    await this.#becomes('paused: the switch is on', { [switchId]: 'on', 'sensor.lab_expression': 'unavailable' });
    await this.#home.call('switch', 'turn_off', switchId);
    await this.#checks.within(limitS * 2, 'and opens it again', () => camera('online'));
    await this.#becomes('resumed: the switch is off', { [switchId]: 'off' });
    const { restarts } = (await this.#device.state()).vision;
    await this.#home.call('button', 'press', stateless[0]!);
    await this.#checks.within(limitS * 2, 'the button restarts the vision process', async () => {
      const { vision } = await this.#device.state();
      return vision.restarts > restarts && vision.state === 'running' ? [] : [`${vision.state}, ${vision.restarts}`];
    });
  }

  async #restarts(): Promise<void> {
    await this.#home.restart();
    await this.#allPresent("Home Assistant's restart", performance.now());
    await this.#device.stop();
    await this.#becomes('daemon stopped: all is unavailable', {
      'sensor.lab_health': 'unavailable',
      [ofCamera[0]!]: 'unavailable',
    });
    await this.#allPresent("the daemon's restart", await this.#device.start());
    await this.#broker!.stop();
    await sleep(3000);
    const births = this.#births();
    this.#broker = await startMosquitto({ port: this.#port });
    await this.#checks.within(
      hassReconnectS,
      'Home Assistant is back after a restart of the broker, which kept nothing',
      () => (this.#births() > births ? [] : ['not connected']),
    );
    await this.#allPresent("the broker's restart", performance.now());
  }

  async #cameraLost(): Promise<void> {
    const camera = await HangingCamera.start(await demoPictures(30), 15);
    await this.#device.stop();
    await this.#device.start({ 'camera.source': camera.url, 'camera.stallMs': 2000 });
    await this.#becomes('a network camera is connected', { 'binary_sensor.lab_camera': 'on' }, 30);
    await camera.stop();
    await this.#becomes(
      'camera lost: what the picture shows is unavailable, diagnostics stay',
      {
        ...Object.fromEntries(ofCamera.map((id) => [id, 'unavailable'])),
        'binary_sensor.lab_camera': 'off',
        'sensor.lab_health': 'degraded',
        [switchId]: 'off',
      },
      15,
    );
    await this.#device.stop();
  }

  async #renamed(): Promise<void> {
    const before = [...(await this.#own()).keys()].sort();
    const startedAt = await this.#device.start({ 'device.name': 'renamed' });
    await this.#allPresent('a new name of the device', startedAt);
    const after = [...(await this.#home.states()).keys()].filter((id) => /\.(lab|renamed)_/.test(id)).sort();
    this.#checks.report(before.join() === after.join(), `the renamed device keeps its ${before.length} entities`);
    await this.#device.stop();
  }

  async #removed(): Promise<void> {
    for (const device of ['renamed', name]) {
      const { code, output } = await this.#device.forget('--device', device);
      this.#checks.report(code === 0, `mien mqtt forget --device ${device}: ${output.trim().replaceAll('\n', '. ')}`);
    }
    await this.#checks.within(limitS, 'its entities and its device are gone', async () => {
      const device = await this.#home.render("{{ device_id('lab') }}{{ device_id('renamed') }}");
      return [...(await this.#own()).keys(), ...(device === 'NoneNone' ? [] : [`device ${device}`])];
    });
    const left = await observe(this.#broker!.url, '#');
    await sleep(1000);
    const topics = left.messages.filter(({ topic }) => topic.startsWith('mien/') || topic.endsWith('/config'));
    this.#checks.report(
      topics.length === 0,
      `nothing is left at the broker ${topics.map(({ topic }) => topic).join(', ')}`,
    );
    await left.stop();
  }

  /** Every entity has a value. */
  async #allPresent(after: string, since: number): Promise<void> {
    await this.#checks.within(
      limitS,
      `after ${after} every entity has its value`,
      async () => {
        const own = await this.#own();
        const missing = [...own]
          .filter(([id, { state }]) => this.#isMissing(id, state))
          .map(([id, { state }]) => `${id} ${state}`);
        return own.size < 19 ? [`${own.size} entities`, ...missing] : missing;
      },
      since,
    );
  }

  /**
   * Null at the broker is a value: nobody smiled in the last minute, or no visit has ended yet. The bytes written per day are
   * not known in the first 10 minutes.
   */
  #isMissing(id: string, state: string): boolean {
    if (state === 'unavailable') return true;
    const isNull =
      (id === 'sensor.lab_smiles' && this.#newest('smiles') === 'null') ||
      (id === 'sensor.lab_dwell' && this.#newest('visits', 'dwell_ms') === 'null') ||
      (id === 'sensor.lab_written' && this.#newest('health', 'written_mb_per_day') === 'undefined') ||
      stateless.includes(id);
    return state === 'unknown' && !isNull;
  }

  async #becomes(text: string, wanted: Readonly<Record<string, string>>, limit = limitS): Promise<void> {
    await this.#checks.within(limit, text, async () => {
      const states = await this.#home.states();
      return Object.entries(wanted).flatMap(([id, state]) =>
        states.get(id)?.state === state ? [] : [`${id} ${states.get(id)?.state}`],
      );
    });
  }

  async #own(): Promise<ReadonlyMap<string, EntityState>> {
    return new Map([...(await this.#home.states())].filter(([id]) => id.split('.')[1]!.startsWith(`${name}_`)));
  }

  #births(): number {
    return this.#seen!.texts('homeassistant/status').filter((text) => text === 'online').length;
  }

  /** The newest published value of a topic of the device, whatever its name. */
  #newest(topic: string, key = topic): string {
    const last = this.#seen!.messages.findLast(
      (each) =>
        /^mien\/[^/]+\//.test(each.topic) && each.topic.split('/').slice(2).join('/') === topic && each.text !== '',
    );
    return String(last && JSON.parse(last.text)[key]);
  }
}
