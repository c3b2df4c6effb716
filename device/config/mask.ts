import { asCalled } from '../core/command.ts';
import { createMask, type Mask, maskAddress, masked, maskUrls } from '../core/mask.ts';
import type { Config } from './schema.ts';
import { findSetting, settings, valueAt } from './settings.ts';

/** Settings whose addresses may carry a password. */
const addresses = ['camera.source', 'mqtt.url'];

/** A value that may be shown: secrets are masked, and parts of addresses that may be secrets. */
export function maskValue(path: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (findSetting(path)?.secret) return masked;
  if (typeof value !== 'string') return value;
  return addresses.includes(path) ? maskAddress(value) : maskUrls(value);
}

/** Masks the secrets of this configuration in any text. */
function maskOf(config: Config): Mask {
  const values = (paths: readonly string[]) =>
    paths.map((path) => valueAt(config, path)).filter((value) => typeof value === 'string');
  return createMask(values(addresses), values(settings.filter(({ secret }) => secret).map(({ path }) => path)));
}

/** Masks secrets in a text, and writes the commands in it as this program was called. */
export function shownTexts(config: Config): Mask {
  const mask = maskOf(config);
  return (text) => asCalled(mask(text));
}
