import { arch, cpus, release, totalmem, type } from 'node:os';
import { strToU8, zipSync } from 'fflate';

/** What goes into a bundle, by the name of its file there; each is written as JSON. */
export type BundleParts = Readonly<Record<string, unknown>>;

const readMe = `A support bundle of Mien: what the device says of itself, for whoever helps with a fault.
It holds no picture and no log of what faces showed. Passwords and tokens are masked; addresses and names of devices are
not: look through it before you pass it on.
`;

/** A zip with one JSON file per part, and a README. Nothing is written to the disk. */
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
