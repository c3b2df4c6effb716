import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigInputs, type LoadedConfig, loadConfigWithSources } from '../../config/load.ts';
import { MienError } from '../../core/errors.ts';
import { shippedModelsDir } from '../../core/manifest.ts';
import { packageRoot } from '../../core/paths.ts';
import { setUpAgain } from '../../core/repair.ts';
import { checkAccess } from './access.ts';
import { checkBroker } from './broker.ts';
import { checkCamera } from './camera.ts';
import { type Finding, fail, ok } from './finding.ts';
import { checkClock, checkDisk, checkPort, checkTemperature } from './machine.ts';
import { checkClassifier, checkDetector } from './models.ts';
import { checkAddons, checkNode } from './runtime.ts';
import { checkStore } from './store.ts';

export type { Finding } from './finding.ts';

/** Checks every part that Mien needs. Faults become findings; nothing is changed. */
export async function examine(inputs: ConfigInputs): Promise<readonly Finding[]> {
  const loaded = tryLoad(inputs);
  const parts = await Promise.all([
    checkNode(),
    checkAddons(),
    checkPage(),
    'finding' in loaded ? loaded.finding : examineConfigured(loaded),
    checkClock(),
    checkTemperature(),
  ]);
  return parts.flat();
}

function tryLoad(inputs: ConfigInputs): LoadedConfig | { readonly finding: Finding } {
  try {
    return loadConfigWithSources(inputs);
  } catch (error) {
    if (!(error instanceof MienError)) throw error;
    return {
      finding: fail('config', error.message.trimEnd(), `${error.remedy}; then run mien doctor again for the rest`),
    };
  }
}

async function examineConfigured(loaded: LoadedConfig): Promise<readonly Finding[]> {
  const { config, file, sources } = loaded;
  const modelsDir = config.modelsDir ?? shippedModelsDir;
  const findings = await Promise.all([
    ok('config', file ?? 'no file, all defaults'),
    checkClassifier(modelsDir, config.classify.model),
    checkDetector(modelsDir, config.detect.detector),
    checkCamera(config.camera.source),
    checkDisk(config.dataDir),
    checkStore(config.dataDir),
    checkBroker(config.mqtt, sources.has('mqtt.url')),
    checkPort(config.http),
    checkAccess(loaded),
  ]);
  return findings.flat();
}

function checkPage(): Finding {
  if (existsSync(join(packageRoot, 'kiosk/dist/index.html'))) return ok('page', 'the kiosk page is built');
  return fail('page', 'the kiosk page is not built', setUpAgain());
}
