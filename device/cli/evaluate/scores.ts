/** Accuracy, recall, precision and F1 from a confusion matrix (rows: true class, columns: predicted). */
export function score(confusion: readonly (readonly number[])[], labels: readonly string[]) {
  const n = sum(confusion.flat());
  const perClass = labels.map((label, index) => {
    const hits = confusion[index]![index]!;
    const support = sum(confusion[index]!);
    const predicted = sum(confusion.map((row) => row[index]!));
    // A class without pictures has no recall and is left out of the mean.
    const recall = support === 0 ? null : hits / support;
    const precision = predicted === 0 ? 0 : hits / predicted;
    return { label, support, recall, precision, f1: hits === 0 ? 0 : (2 * hits) / (support + predicted) };
  });
  const present = perClass.filter(({ support }) => support > 0);
  const by = <Key extends 'recall' | 'precision' | 'f1'>(key: Key) =>
    Object.fromEntries(perClass.map((row) => [row.label, rounded(row[key])]));
  return {
    n,
    accuracy: rounded(share(sum(perClass.map((_, index) => confusion[index]![index]!)), n)),
    macroRecall: rounded(share(sum(present.map(({ recall }) => recall ?? 0)), present.length)),
    macroF1: rounded(share(sum(present.map(({ f1 }) => f1)), present.length)),
    recall: by('recall'),
    precision: by('precision'),
    f1: by('f1'),
    labels,
    confusion,
  };
}

/** A prediction: index of the true and of the predicted class. */
export interface Guess {
  readonly truth: number;
  readonly guess: number;
}

/** Scores predictions over `labels`. */
export function scoreGuesses(guesses: readonly Guess[], labels: readonly string[]) {
  const confusion = labels.map(() => labels.map(() => 0));
  for (const { truth, guess } of guesses) confusion[truth]![guess]! += 1;
  return score(confusion, labels);
}

/**
 * Expected calibration error: the mean gap between confidence and accuracy over bins of equal width, weighted by the number
 * of predictions in each bin (Guo et al. 2017). Null without predictions.
 */
export function calibrationError(predictions: readonly Prediction[], bins: number): number | null {
  const gaps = new Float64Array(bins);
  for (const { confidence, isHit } of predictions) {
    gaps[Math.min(bins - 1, Math.floor(confidence * bins))]! += (isHit ? 1 : 0) - confidence;
  }
  return rounded(share(sum(Array.from(gaps, Math.abs)), predictions.length));
}

/** A prediction with its confidence. */
export interface Prediction {
  readonly confidence: number;
  readonly isHit: boolean;
}

/** Coverages for which the accuracy is reported. */
const coverages = [1, 0.9, 0.8, 0.7] as const;

/**
 * Accuracy of the most confident predictions, as a function of coverage (El-Yaniv and Wiener 2010). `area` is the mean
 * accuracy over all coverages. Null without predictions.
 */
export function accuracyOverCoverage(predictions: readonly Prediction[]) {
  const surest = [...predictions].sort((a, b) => b.confidence - a.confidence);
  let hits = 0;
  const accuracies = surest.map(({ isHit }, index) => {
    hits += isHit ? 1 : 0;
    return hits / (index + 1);
  });
  const at = coverages.map((coverage) => {
    const last = Math.max(0, Math.round(coverage * surest.length) - 1);
    const { confidence = null } = surest[last] ?? {};
    return { coverage, accuracy: rounded(accuracies[last] ?? null), leastConfidence: rounded(confidence) };
  });
  return { at, area: rounded(share(sum(accuracies), accuracies.length)) };
}

/** Null if the whole is 0. */
export function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** Rounds to four decimals, the precision of a few thousand pictures. */
export function rounded<Value extends number | null>(value: Value): Value {
  return (value === null ? null : Number(value.toFixed(4))) as Value;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
