import { hostname } from 'node:os';
import { z } from 'zod';

/** Names that become part of an MQTT topic: no wildcard, no level separator. */
const topicLevel = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, - and _ (1 to 64)');

/** This machine's host name as a topic level. */
function hostLevel(): string {
  return (
    hostname()
      .replaceAll(/[^A-Za-z0-9_-]/g, '-')
      .slice(0, 64) || 'mien'
  );
}

export const device = z
  .strictObject({
    name: topicLevel
      .default(hostLevel())
      .describe('Name of this device. Part of its MQTT topics, and shown on the pages.'),
  })
  .prefault({});
