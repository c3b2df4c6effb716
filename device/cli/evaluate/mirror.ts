import type { Classified } from '../../classify/classifier.ts';
import { Smoother } from '../../classify/smooth.ts';

/** Mirrors crops with rows of `width` pixels. */
export function mirrorRows(crops: Uint8Array, width: number): Uint8Array {
  const mirrored = crops.slice();
  for (let row = 0; row < mirrored.length; row += width) mirrored.subarray(row, row + width).reverse();
  return mirrored;
}

/** Averages the predictions of a crop and its mirror image as the live path averages two frames. */
export function averageOf(one: Classified, other: Classified): Classified {
  const smoother = new Smoother({ timeConstantMs: 1 });
  smoother.update(1, one, 0);
  return smoother.update(1, other, 0);
}
