/** Side of a made-up face, in pixels. */
export const faceSide = 48;

/** Whole numbers that follow from a seed: the 32-bit generator of Numerical Recipes, its upper half. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
    // The first numbers of neighbouring seeds are alike.
    for (let skipped = 0; skipped < 4; skipped++) this.between(0, 1);
  }

  between(low: number, high: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return low + ((this.#state >>> 16) % (high - low + 1));
  }
}

/**
 * Something like a face, uint8 [48, 48]: slanting light and soft blobs for cheeks, eyes, brows, nose and mouth. Whole
 * numbers only, so that it is exactly the picture that training/mien_training/parity.py draws; change both or neither.
 */
export function drawMadeUpFace(seed: number): Uint8Array {
  const dice = new Dice(seed);
  // Counted in 1/256 of a grey.
  const light = new Int32Array(faceSide * faceSide);
  const everywhere = (change: (x: number, y: number) => number) => {
    for (let at = 0; at < light.length; at++) light[at]! += change(at % faceSide, Math.floor(at / faceSide));
  };
  /** A blob of `strength` greys that has half of it at a distance of sqrt(spread) pixels. */
  const add = (column: number, row: number, spread: number, strength: number) =>
    everywhere((x, y) => {
      const distance = (x - column) ** 2 + (y - row) ** 2;
      return Math.sign(strength) * Math.floor((256 * Math.abs(strength) * spread) / (spread + distance));
    });

  const base = 256 * dice.between(20, 90);
  const across = dice.between(-256, 256);
  const down = dice.between(-256, 256);
  everywhere((x, y) => base + x * across + y * down);
  const centre = 24 + dice.between(-2, 2);
  add(centre, 25 + dice.between(-2, 2), dice.between(200, 600), dice.between(90, 170));
  const eyes = dice.between(17, 20);
  for (const side of [-1, 1]) {
    add(centre + side * dice.between(8, 10), eyes, dice.between(5, 16), -dice.between(50, 130));
    const brow = eyes - dice.between(4, 7);
    const slant = dice.between(-1, 1);
    for (const step of [-1, 0, 1]) {
      add(centre + side * 9 + 3 * step, brow + side * step * slant, dice.between(2, 5), -dice.between(20, 70));
    }
  }
  add(centre, dice.between(27, 30), dice.between(6, 20), dice.between(-40, 40));
  const mouth = dice.between(34, 38);
  const curve = dice.between(-2, 2);
  const reach = dice.between(1, 3);
  const spread = dice.between(2, 9);
  const strength = -dice.between(20, 65);
  for (const step of [-2, -1, 0, 1, 2]) add(centre + step * reach, mouth - curve * Math.abs(step), spread, strength);
  return Uint8Array.from(light, (value) => Math.min(65_535, Math.max(0, value)) >> 8);
}
