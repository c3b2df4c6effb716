import { arch, cpus, release, totalmem, type } from 'node:os';
import { strToU8, zipSync } from 'fflate';

/** Parts of a bundle by file name. Each is written as JSON. */
export type BundleParts = Readonly<Record<string, unknown>>;

const readMe = `A support bundle of Mien: the state of the device, for the person who helps with a fault.
It holds no picture and no log of expressions. Passwords and tokens are masked. Addresses and device names are not masked:
read the files before you pass them on.
`;

/** Makes a zip with one JSON file per part and a README, in memory only. */
export function supportBundle(parts: BundleParts): Uint8Array<ArrayBuffer> {
  const files = Object.entries({ machine: machine(), ...parts }).map(([name, value]) => [
    `mien-support/${name}.json`,
    strToU8(`${JSON.stringify(value, null, 2)}\n`),
  ]);
  return zipSync(Object.fromEntries([['mien-support/README.txt', strToU8(readMe)], ...files]));
}

function machine() {
  const [cpu] = cpus();
  return {
    node: process.versions.node,
    system: `${type()} ${release()} ${arch()}`,
    cpu: cpu?.model,
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1e6),
  };
}
