// @ts-check
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { hashOf, readStamp, writeStamp } from './fingerprint.mjs';

/**
 * @typedef {import('./setup.mjs').Context} Context
 * @typedef {import('../core/manifest.ts').PinnedModel} PinnedModel
 * @typedef {typeof import('../cli/models/pull.ts')} Pull
 */

/** After a failed download the next tries leave it alone for a day, so that a start without network is quick. */
const retryMs = 24 * 3600_000;

/**
 * Fetches the models that do not come with the repository, all at once. Without some of them Mien still works (YuNet, else
 * BlazeFace, else a Haar cascade finds the faces), so a failure is said in one line and stops nothing.
 * @param {Context} context
 */
export async function ensureModels(context) {
  const { root } = context;
  const modelsDir = join(root, 'models');
  /** @type {{ models: readonly { file: string }[] }} */
  const listed = JSON.parse(readFileSync(join(modelsDir, 'manifest.json'), 'utf8'));
  if (listed.models.every(({ file }) => existsSync(join(modelsDir, file)))) return;
  // One implementation for set-up and for `mien models pull`: the one that was just built.
  const folder = pathToFileURL(join(root, 'device/dist/')).href;
  const { readManifest } = await import(`${folder}core/manifest.js`);
  const { pullModel } = await import(`${folder}cli/models/pull.js`);
  await fetchModels(readManifest().models, { ...context, pullModel });
}

/**
 * @param {readonly PinnedModel[]} models
 * @param {Pick<Context, 'root' | 'env' | 'progress' | 'signal'> & Pick<Pull, 'pullModel'>} context
 */
export async function fetchModels(models, context) {
  const { root, signal } = context;
  const isThere = (/** @type {PinnedModel} */ { file }) => existsSync(join(root, 'models', file));
  const steps = models.filter((model) => !isThere(model)).flatMap((model) => fetchUnlessRecentlyFailed(model, context));
  const outcomes = await Promise.all(steps);
  if (signal.aborted) throw signal.reason;
  const best = models.find(isThere);
  for (const fail of outcomes) fail?.(fallbackNote(best));
}

/** @param {PinnedModel | undefined} best */
function fallbackNote(best) {
  return best ? `${best.name} finds the faces` : 'the older Haar cascade finds the faces, less well';
}

/**
 * @param {PinnedModel} model
 * @param {Parameters<typeof fetchModels>[1]} context
 * @returns {Promise<((instead: string) => void) | undefined>[]} what ends the step once the others are known; undefined: done
 */
function fetchUnlessRecentlyFailed(model, { root, env, progress, signal, pullModel }) {
  const stamp = join(root, '.mien/failed', model.name);
  const mirror = env.MIEN_MODELS_MIRROR;
  const [tried, when] = readStamp(stamp)?.split(' ') ?? [];
  const from = hashOf([mirror ?? '', JSON.stringify(model.from)]);
  if (tried === from && Date.now() - Number(when) < retryMs && Date.now() >= Number(when)) return [];
  const step = progress.step(`model ${model.name}`);
  const pull = (/** @type {string | undefined} */ source) =>
    pullModel({ model, modelsDir: join(root, 'models'), mirror: source, signal });
  // A mirror may have some of them only. The registry is where set-up has its packages from anyway.
  const pulled = mirror && 'package' in model.from ? pull(mirror).catch(() => pull(undefined)) : pull(mirror);
  const ended = pulled.then(
    () => {
      step.done();
      return undefined;
    },
    (error) => (/** @type {string} */ then) => {
      step.fail(`not to be had (${rootCause(error)}): ${then}. "npx mien models pull" tries again`);
      writeStamp(stamp, `${from} ${Date.now()}`);
    },
  );
  return [ended];
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
