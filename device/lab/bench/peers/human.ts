/**
 * @vladmandic/human in the contest, with its face detector and its emotion network only.
 *
 *   node human.js FOLDER            default settings: it reuses results for similar frames and for some seconds
 *   node human.js FOLDER --every    processes every frame, as the student project does
 *
 * FOLDER is its installation. It runs in WebAssembly, because its other backend for Node, tfjs-node, downloads TensorFlow from
 * a separate server during the installation. OpenCV decodes the frames, which is faster than its own decoders.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cv, type Mat } from '../../../core/opencv.ts';
import { answerRequests } from './contest.ts';

/** The used part of its API. */
interface Human {
  readonly tf: Tensors;
  load(): Promise<void>;
  detect(input: object): Promise<{ readonly error: string | null; readonly face: readonly object[] }>;
}

/** The used part of TensorFlow.js. */
interface Tensors {
  readonly io: { registerLoadRouter(router: (url: string | string[]) => object | null): void };
  tensor(values: Uint8Array, shape: readonly number[], type: 'int32'): object;
  dispose(tensor: object): void;
}

const [folder, mode] = process.argv.slice(2) as [string, string?];
const modules = join(folder, 'node_modules');
const require = createRequire(join(folder, 'package.json'));
const tensors = require('@tensorflow/tfjs-core') as Tensors;
// Its package does not export this build.
const { Human: Build } = require(join(modules, '@vladmandic/human/dist/human.node-wasm.js')) as {
  Human: new (config: object) => Human;
};
tensors.io.registerLoadRouter(fromFile);

const off = { enabled: false };
const human = new Build({
  backend: 'wasm',
  wasmPath: `${join(modules, '@tensorflow/tfjs-backend-wasm/dist')}/`,
  modelBasePath: `file://${join(modules, '@vladmandic/human/models')}/`,
  debug: false,
  // 0: no frame counts as similar, and no result is reused.
  ...(mode === '--every' ? { cacheSensitivity: 0 } : {}),
  filter: off,
  face: {
    enabled: true,
    detector: { maxDetected: 20, rotation: false },
    emotion: { enabled: true },
    mesh: off,
    iris: off,
    description: off,
    antispoof: off,
    liveness: off,
  },
  body: off,
  hand: off,
  object: off,
  segmentation: off,
  gesture: off,
});
await human.load();
await answerRequests(async ({ mat }) => {
  const input = tensorOf(mat);
  const { error, face } = await human.detect(input);
  tensors.dispose(input);
  if (error) throw new Error(`human failed: ${error}`);
  return face.length;
});

function tensorOf(frame: Mat): object {
  const colours = frame.cvtColor(cv.COLOR_BGR2RGB);
  const tensor = tensors.tensor(colours.getData(), [1, frame.rows, frame.cols, 3], 'int32');
  colours.release();
  return tensor;
}

/** In Node without tfjs-node, TensorFlow.js loads models over HTTP only. */
function fromFile(url: string | string[]): object | null {
  if (typeof url !== 'string' || !url.startsWith('file://')) return null;
  const file = url.slice('file://'.length);
  return {
    load: async () => {
      const { weightsManifest, ...model } = JSON.parse(readFileSync(file, 'utf8')) as {
        weightsManifest: readonly { paths: readonly string[]; weights: readonly object[] }[];
      };
      const parts = weightsManifest.flatMap(({ paths }) =>
        paths.map((path) => readFileSync(join(dirname(file), path))),
      );
      return {
        ...model,
        weightSpecs: weightsManifest.flatMap(({ weights }) => weights),
        weightData: new Uint8Array(Buffer.concat(parts)).buffer,
      };
    },
  };
}
