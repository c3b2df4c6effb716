import { masked, maskUrls } from '../core/mask.ts';
import { findSetting } from './settings.ts';

/** A value as it may be shown: secrets are masked, and what may be one in URLs. */
export function maskValue(path: string, value: unknown): unknown {
  if (value === undefined) return undefined;
  if (findSetting(path)?.secret) return masked;
  return typeof value === 'string' ? maskUrls(value) : value;
}
