// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hashOf, readStamp, writeStamp } from './fingerprint.mjs';

/** @typedef {import('./setup.mjs').Context} Context */

/** After a failed download the next tries leave it alone for a day, so that a start without network is quick. */
const retryMs = 24 * 3600_000;

/**
 * Fetches the models that do not come with the repository. Without them Mien still works (a Haar cascade finds the faces),
 * so a failure is said in one line and stops nothing.
 * @param {Context} context
 */
export async function ensureModels({ root, env, progress, signal }) {
  const modelsDir = join(root, 'models');
  /** @type {{ models: readonly { file: string }[] }} */
  const listed = JSON.parse(readFileSync(join(modelsDir, 'manifest.json'), 'utf8'));
  if (listed.models.every(({ file }) => existsSync(join(modelsDir, file)))) return;
  // One implementation for set-up and for `mien models pull`: the one that was just built.
  const folder = pathToFileURL(join(root, 'device/dist/')).href;
  const { readManifest } = await import(`${folder}core/manifest.js`);
  const { pullModel } = await import(`${folder}ops/models/pull.js`);
  for (const model of readManifest().models) {
    if (existsSync(join(modelsDir, model.file))) continue;
    const stamp = join(root, '.mien/failed', model.name);
    const mirror = env.MIEN_MODELS_MIRROR;
    const [tried, when] = readStamp(stamp)?.split(' ') ?? [];
    const from = hashOf([mirror ?? model.url]);
    if (tried === from && Date.now() - Number(when) < retryMs && Date.now() > Number(when)) continue;
    const step = progress.step(`model ${model.name}`);
    try {
      await pullModel({ model, modelsDir, mirror, signal, connectMs: 10_000, onProgress: () => {} });
      step.done();
    } catch (error) {
      if (signal.aborted) throw error;
      step.fail(
        `not to be had (${rootCause(error)}). Mien works without it, less well; "npx mien models pull" tries again`,
      );
      writeStamp(stamp, `${from} ${Date.now()}`);
    }
  }
}

/**
 * Without the addresses around it; `mien models pull` says it in full.
 * @param {unknown} error
 * @returns {string}
 */
function rootCause(error) {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? rootCause(error.cause) : error.message;
}
