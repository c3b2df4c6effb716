import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { writeIfChanged } from '../host/disk.ts';
import { type Host, runOrFail } from '../host/host.ts';

export const kioskChoices = ['auto', 'cog', 'chromium', 'none'] as const;
export type KioskChoice = (typeof kioskChoices)[number];

/** The browser for the screen; undefined without one. `auto` takes what is installed, see systemd/kiosk.md. */
export function browserFor(choice: KioskChoice, path = process.env.PATH ?? ''): 'cog' | 'chromium' | undefined {
  if (choice === 'none') return undefined;
  if (choice !== 'auto') return choice;
  const has = (program: string) => path.split(':').some((folder) => existsSync(join(folder, program)));
  if (!has('cage')) return undefined;
  return has('cog') ? 'cog' : has('chromium') ? 'chromium' : undefined;
}

/** The options of the screen of this device. @returns whether they changed */
export async function configureKiosk(host: Host, browser: string, http: Config['http']): Promise<boolean> {
  const { port, basePath, tls } = http;
  const url = `${tls.cert === undefined ? 'http' : 'https'}://localhost:${port}${basePath}/`;
  const text = `[Service]\nEnvironment="KIOSK_OPTIONS=--browser ${browser} --url ${url}"\n`;
  const changed = writeIfChanged(join(host.at.units, 'mien-kiosk.service.d/options.conf'), text);
  if (changed) await runOrFail(host, 'systemctl', ['daemon-reload']);
  return changed;
}
