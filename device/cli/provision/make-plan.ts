import { dump } from 'js-yaml';
import type { z } from 'zod';
import { type ConfigInput, configSchema } from '../../config/schema.ts';
import { exitCode, MienError } from '../../core/errors.ts';
import { readNamed } from '../../install/first/first-config.ts';
import { makeClaimCode, type Plan, planSchema } from '../../provision/plan.ts';
import { chooseRelease } from '../../provision/release.ts';

/** The options of `mien provision` that say what the card is made for. */
export interface PlanOptions {
  readonly name: string;
  readonly from: string;
  readonly hostname?: string;
  readonly sshKey?: string;
  readonly user: string;
  readonly wifiSsid?: string;
  readonly wifiPasswordFile?: string;
  readonly wifiCountry?: string;
  readonly timezone?: string;
  readonly camera: string;
  readonly mqttUrl?: string;
  readonly mqttUsername?: string;
  readonly mqttPasswordFile?: string;
  readonly claim: boolean;
  readonly kiosk: Plan['kiosk'];
  readonly key?: string;
  readonly channel: string;
  readonly arch: 'arm64' | 'x64';
}

const header = '# Written by "mien provision"; it is yours now. All settings: mien config reference\n';

/**
 * Reads the named files and asks the mirror for its newest release.
 *
 * @throws MienError that names a mistake; nothing has been written then
 */
export async function makePlan(options: PlanOptions): Promise<Plan> {
  const { name, from, kiosk, channel, arch, key, timezone, user, mqttPasswordFile } = options;
  const mirror = from.endsWith('/') ? from : `${from}/`;
  const mqttPassword = mqttPasswordFile === undefined ? undefined : secretIn(mqttPasswordFile);
  const claimCode = options.claim ? makeClaimCode() : undefined;
  const draft = {
    ...{ claimCode, name, user, timezone, kiosk, mirror, channel, mqttPassword },
    hostname: options.hostname ?? hostnameOf(name),
    sshKeys: options.sshKey === undefined ? [] : linesIn(options.sshKey),
    wifi: wifiOf(options),
    config: configText(options, claimCode),
  };
  // The mirror is asked last: a mistake should be told at once.
  const offline = checked(planSchema.omit({ release: true, releaseKeys: true }), draft);
  const release = await chooseRelease({ mirror, channel, arch, keyFile: key, now: Date.now() });
  return checked(planSchema, { ...offline, ...release });
}

/** The configuration of the device. */
function configText({ name, camera, mqttUrl, mqttUsername }: PlanOptions, claimCode: string | undefined): string {
  const config: ConfigInput = {
    device: { name },
    dataDir: '/var/lib/mien',
    camera: { source: camera },
    // The login page must be reachable for whoever claims the device.
    ...(claimCode !== undefined && { http: { host: '0.0.0.0', claimCode } }),
    mqtt:
      mqttUrl === undefined ? { enabled: false } : { url: mqttUrl, ...(mqttUsername && { username: mqttUsername }) },
  };
  checked(configSchema, config);
  return header + dump(config);
}

function wifiOf({ wifiSsid, wifiPasswordFile, wifiCountry }: PlanOptions): object | undefined {
  const given = [wifiSsid, wifiPasswordFile, wifiCountry].filter((value) => value !== undefined);
  if (given.length === 0) return undefined;
  if (wifiSsid === undefined || wifiPasswordFile === undefined || wifiCountry === undefined) {
    throw usage('expected --wifi-ssid, --wifi-password-file and --wifi-country together, got only some of them');
  }
  return { ssid: wifiSsid, password: secretIn(wifiPasswordFile), country: wifiCountry };
}

/** "Lobby_2" becomes "lobby-2". */
function hostnameOf(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
}

function linesIn(file: string): string[] {
  return readNamed(file)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

function secretIn(file: string): string {
  return readNamed(file).replace(/\r?\n$/, '');
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  // Values are not repeated: some are secrets.
  const mistakes = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: expected ${message}`);
  throw usage(mistakes.join('; '));
}

function usage(message: string): MienError {
  return new MienError(message, { code: exitCode.usage, remedy: 'See: mien provision --help' });
}
