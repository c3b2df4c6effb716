import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { createInterface, type Interface } from 'node:readline/promises';
import { configSchema } from '../../config/schema.ts';
import { exitCode, MienError } from '../../core/errors.ts';
import type { Answers } from '../../install/first/first-config.ts';
import type { Host } from '../../install/host/host.ts';
import { listCameras } from '../doctor/cameras.ts';

/** Answers that options gave. */
export type Given = Answers & { readonly yes?: boolean };

/** The link of systemd/udev/70-mien-camera.rules. */
const lastingCamera = '/dev/mien-camera';

/**
 * The answers for the first configuration: asked for on a terminal where no option gives them.
 *
 * @throws MienError (usage) where nobody can be asked
 */
export async function completeAnswers(host: Host, { yes, ...given }: Given): Promise<Answers> {
  // The configuration is there, or given as a whole.
  if (existsSync(host.at.config) || given.config !== undefined) return given;
  const suggested = await suggestions();
  if (yes) return { ...given, name: given.name ?? suggested.name, camera: given.camera ?? suggested.camera };
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new MienError('Nobody can be asked for the first configuration: this is no terminal', {
      code: exitCode.usage,
      remedy:
        'Add --yes for the defaults, and what differs: --name, --camera, --mqtt-url, --mqtt-username, --kiosk; or --config FILE',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await ask(terminal, given, suggested);
  } finally {
    terminal.close();
  }
}

interface Suggested {
  readonly name: string;
  readonly camera: string;
  readonly cameras: readonly string[];
}

async function suggestions(): Promise<Suggested> {
  const cameras = await listCameras();
  const usb = cameras.filter(({ isUsb }) => isUsb);
  const name = configSchema.parse({}).device.name ?? hostname();
  // One USB camera: the link that does not depend on its socket. Several: the path of one of them.
  const [only] = usb;
  const camera = only === undefined ? 'auto' : usb.length === 1 ? lastingCamera : (only.stablePath ?? only.path);
  return { name, camera, cameras: cameras.map((each) => `${each.name}: ${each.stablePath ?? each.path}`) };
}

async function ask(terminal: Interface, given: Answers, { name, camera, cameras }: Suggested): Promise<Answers> {
  const answers = {
    name:
      given.name ?? (await question(terminal, 'Name of this device', name, (value) => ({ device: { name: value } }))),
    camera: given.camera ?? (await askCamera(terminal, camera, cameras)),
    mqttUrl: given.mqttUrl ?? (await askBroker(terminal)),
  };
  return { ...given, ...answers };
}

async function askCamera(terminal: Interface, suggested: string, cameras: readonly string[]): Promise<string> {
  process.stderr.write(cameras.length === 0 ? 'No camera found yet.\n' : `${cameras.join('\n')}\n`);
  return question(terminal, 'Camera (auto, a path, an address, demo)', suggested, (value) => ({
    camera: { source: value },
  }));
}

async function askBroker(terminal: Interface): Promise<string | undefined> {
  const url = await question(terminal, 'MQTT broker, such as mqtt://broker.local:1883 (empty: none)', '', (value) =>
    value === '' ? {} : { mqtt: { url: value } },
  );
  return url === '' ? undefined : url;
}

/** Asks until the configuration accepts the answer. */
async function question(
  terminal: Interface,
  text: string,
  suggested: string,
  asConfig: (value: string) => object,
): Promise<string> {
  for (;;) {
    const given = (await terminal.question(`${text}${suggested === '' ? '' : ` [${suggested}]`}: `)).trim();
    const value = given === '' ? suggested : given;
    const checked = configSchema.safeParse(asConfig(value));
    if (checked.success) return value;
    process.stderr.write(`  Expected ${checked.error.issues[0]?.message}\n`);
  }
}
