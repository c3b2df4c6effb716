import { exitCode, MienError } from '../../core/errors.ts';
import type { ProgramOutcome } from '../../core/run-program.ts';

interface Face {
  readonly label: string;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A line of `mien analyze --json`. */
interface Line {
  readonly frame: number;
  readonly faces: readonly Face[];
}

export interface Comparison {
  readonly frames: number;
  readonly faces: number;
  readonly equal: number;
  /** The first difference, in words. */
  readonly difference: string | undefined;
  /** Largest difference of a probability. */
  readonly probability: number;
  /** Largest difference of a box, in pixels. */
  readonly pixels: number;
}

/** Faces of a run of `mien analyze --json`. @throws MienError if it failed */
export function analysed(what: string, { code, signal, stdout, stderr }: ProgramOutcome): readonly Line[] {
  if (code === 0 && stdout.endsWith('\n'))
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Line);
  throw new MienError(
    `expected ${what} to analyse the clip, got ${signal ?? `exit code ${code}`}: ${lastLine(stderr)}`,
    {
      code: exitCode.failure,
      remedy: 'Run the same command by hand',
    },
  );
}

/** Compares each face with the face of the same frame and place. */
export function compareLabels(expected: readonly Line[], found: readonly Line[]): Comparison {
  let difference =
    expected.length === found.length ? undefined : `${found.length} frames instead of ${expected.length}`;
  let [faces, equal, probability, pixels] = [0, 0, 0, 0];
  for (const [index, { frame, faces: wanted }] of expected.entries()) {
    const seen = found[index]?.faces ?? [];
    faces += wanted.length;
    if (seen.length !== wanted.length)
      difference ??= `frame ${frame}: ${seen.length} faces instead of ${wanted.length}`;
    for (const [place, face] of wanted.entries()) {
      const other = seen[place];
      if (other === undefined) continue;
      if (other.label === face.label) equal += 1;
      else difference ??= `frame ${frame}: ${other.label} instead of ${face.label}`;
      probability = Math.max(probability, ...distances(face.probabilities, other.probabilities));
      pixels = Math.max(pixels, ...distances(face.box, other.box));
    }
  }
  return { frames: found.length, faces, equal, difference, probability, pixels };
}

function distances(a: object, b: object): readonly number[] {
  const others = b as Readonly<Record<string, number>>;
  return Object.entries(a as Readonly<Record<string, number>>).map(([name, value]) =>
    Math.abs(value - (others[name] ?? Number.POSITIVE_INFINITY)),
  );
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
