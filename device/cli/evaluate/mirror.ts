import type { Classified } from '../../classify/classifier.ts';
import { Smoother } from '../../classify/smooth.ts';

/** Crops of `width` pixels a row, each seen in the mirror. */
export function mirrorRows(crops: Uint8Array, width: number): Uint8Array {
  const mirrored = crops.slice();
  for (let row = 0; row < mirrored.length; row += width) mirrored.subarray(row, row + width).reverse();
  return mirrored;
}

/** Several looks at the same moment, averaged as the live path does it. */
export function averageOf(looks: readonly Classified[]): Classified {
  const smoother = new Smoother({ timeConstantMs: 1 });
  return looks.map((look) => smoother.update(1, look, 0)).at(-1)!;
}
