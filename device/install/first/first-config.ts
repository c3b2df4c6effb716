import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import type { ConfigInput } from '../../config/schema.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { writeDurably, writeIfChanged } from '../host/disk.ts';
import type { Host } from '../host/host.ts';
import { serviceConfig } from '../host/service-config.ts';

/** What the first configuration needs to know. */
export interface Answers {
  readonly name?: string;
  /** `camera.source` */
  readonly camera?: string;
  /** Without a broker MQTT is off. */
  readonly mqttUrl?: string;
  readonly mqttUsername?: string;
  readonly mqttPasswordFile?: string;
  /** A whole configuration instead. */
  readonly config?: string;
}

const passwordCredential = 'mqtt.password';
const header = '# Written by "mien install"; it is yours now. All settings: mien config reference\n';

/**
 * Writes the configuration, if there is none.
 *
 * @returns whether it was written
 * @throws MienError with every mistake; nothing is written then
 */
export function writeFirstConfig(host: Host, answers: Answers): boolean {
  const { at } = host;
  if (existsSync(at.config)) return false;
  const text = answers.config === undefined ? header + dump(configOf(host, answers)) : readNamed(answers.config);
  mkdirSync(at.etc, { recursive: true });
  const draft = `${at.config}.draft`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    serviceConfig(host, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  // systemd-tmpfiles gives it to the group mien.
  writeDurably(at.config, text, 0o640);
  return true;
}

/** The broker's password as a credential that only systemd reads. @returns whether it changed */
export function writePassword(host: Host, file: string | undefined, release: string): boolean {
  if (file === undefined) return false;
  const { at } = host;
  mkdirSync(at.credentials, { recursive: true, mode: 0o700 });
  const secret = writeIfChanged(join(at.credentials, passwordCredential), readNamed(file), 0o600);
  const dropIn = readFileSync(join(release, 'systemd/drop-ins/credentials.conf'));
  return writeIfChanged(join(at.units, 'mien.service.d/credentials.conf'), dropIn) || secret;
}

function configOf({ at }: Host, { name, camera, mqttUrl, mqttUsername }: Answers): ConfigInput {
  return {
    ...(name !== undefined && { device: { name } }),
    dataDir: at.data,
    camera: { source: camera ?? 'auto' },
    mqtt: mqttUrl === undefined ? { enabled: false } : { url: mqttUrl, username: mqttUsername },
  };
}

/** Reads a file that the caller has named. @throws MienError (noInput) if it cannot be read */
export function readNamed(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new MienError(`${file} cannot be read: ${describeError(cause)}`, {
      code: exitCode.noInput,
      remedy: 'Give the path of a file',
      cause,
    });
  }
}
