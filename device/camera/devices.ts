import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Device paths of V4L2 capture devices, stable by-id names first. A camera has several nodes; index 0 delivers pictures. */
export async function listCaptureDevices(root = '/'): Promise<readonly string[]> {
  const byId = join(root, 'dev/v4l/by-id');
  const stable = (await readdirOrNone(byId))
    .filter((name) => name.endsWith('-video-index0'))
    .map((name) => join(byId, name));
  if (stable.length > 0) return stable.sort();
  return (await readdirOrNone(join(root, 'dev')))
    .filter((name) => /^video\d+$/.test(name))
    .sort((a, b) => Number(a.slice(5)) - Number(b.slice(5)))
    .map((name) => join(root, 'dev', name));
}

async function readdirOrNone(folder: string): Promise<string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}
