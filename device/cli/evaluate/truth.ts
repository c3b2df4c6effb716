import { columnOfLabel, strictMajority } from './fer-plus.ts';
import type { Judged } from './judge.ts';
import { accuracyOverCoverage, calibrationError, type Prediction, scoreGuesses } from './scores.ts';

/** Bins of the calibration error. */
const bins = 15;

/** The labels that predictions are compared with. */
export interface Truth {
  /** Description, for the reader of the result. */
  readonly comparedWith: string;
  /** The common labels of truth and model, in the order of the model. */
  readonly labels: readonly string[];
  /** Index of the true label in `labels`; undefined if unknown. */
  truthOf(face: Judged): number | undefined;
}

/** The classes of the folder: FER-2013's labels where the folder holds FER-2013. */
export function folderTruth(labels: readonly string[]): Truth {
  return { comparedWith: 'the class folders', labels, truthOf: ({ truth }) => truth };
}

/** The strict majority of FER+'s ten votes, for the labels of the model. */
export function peopleTruth(
  votes: ReadonlyMap<string, readonly number[] | undefined>,
  cardLabels: readonly string[],
): Truth {
  const labels = cardLabels.filter((label) => columnOfLabel[label] !== undefined);
  const columns = labels.map((label) => columnOfLabel[label]!);
  return {
    comparedWith: "what most people say: the strict majority of FER+'s votes",
    labels,
    truthOf({ path }) {
      const majority = strictMajority(votes.get(path) ?? []);
      const at = majority === undefined ? -1 : columns.indexOf(majority);
      return at < 0 ? undefined : at;
    },
  };
}

/** Scores the faces whose true label is known. */
export function scoreFaces(faces: readonly Judged[], { labels, truthOf }: Pick<Truth, 'labels' | 'truthOf'>) {
  const guesses = faces.flatMap((face) => {
    const truth = truthOf(face);
    return truth === undefined ? [] : [{ truth, ...guessOf(face, truth, labels) }];
  });
  return { ...scoreGuesses(guesses, labels), ece: calibrationError(guesses, bins), eceBins: bins, guesses };
}

function guessOf({ seen }: Judged, truth: number, labels: readonly string[]): Prediction & { readonly guess: number } {
  const values = labels.map((label) => seen.probabilities[label]!);
  const confidence = Math.max(...values);
  const guess = values.indexOf(confidence);
  return { guess, confidence, isHit: guess === truth };
}

/** The figures against the class folders. */
export function describeFolder(faces: readonly Judged[], truth: Truth) {
  const { guesses: _guesses, ...scores } = scoreFaces(faces, truth);
  return { comparedWith: truth.comparedWith, ...scores };
}

/** The figures against people, the most important first. */
export function describePeople(faces: readonly Judged[], truth: Truth) {
  const { guesses, n, accuracy, macroRecall, ece, eceBins, ...rest } = scoreFaces(faces, truth);
  return {
    comparedWith: truth.comparedWith,
    rule: 'strict majority',
    n,
    accuracy,
    macroRecall,
    neutralRecall: rest.recall.neutral ?? null,
    ece,
    eceBins,
    coverage: accuracyOverCoverage(guesses),
    ...rest,
  };
}
