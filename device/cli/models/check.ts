import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../core/errors.ts';
import { readManifest } from '../../core/manifest.ts';
import { type ModelCard, readCard, readModelFile } from '../../core/model-card.ts';
import { isPinned } from './pull.ts';

/** State of one model in a models folder. */
export interface ModelState {
  readonly name: string;
  readonly task: string;
  readonly files: readonly string[];
  readonly licence: string;
  /** `missing`: download it with `mien models pull`; `bad`: does not match its card or its pinned sha256. */
  readonly state: 'ok' | 'missing' | 'bad';
  /** One line: its abilities or its fault. */
  readonly detail: string;
}

/**
 * Checks every model: those with a card in the folder, the configured one, and those that can be downloaded. Each file is
 * read and hashed.
 */
export async function checkModels(modelsDir: string, used: string): Promise<readonly ModelState[]> {
  const cards = existsSync(modelsDir) ? readdirSync(modelsDir).filter(isCard) : [];
  const names = new Set([...cards.map((file) => file.slice(0, -'.json'.length)), used]);
  const expression = [...names].map((name) => checkExpressionModel(modelsDir, name));
  return [...expression, ...(await checkPinnedModels(modelsDir))];
}

function isCard(file: string): boolean {
  // NAME.parity.json holds the reference numbers of a model and is not a card.
  return file.endsWith('.json') && file !== 'manifest.json' && !file.endsWith('.parity.json');
}

/** Checks that the card is complete and that both files match it. */
export function checkExpressionModel(modelsDir: string, name: string): ModelState {
  const base = { name, task: 'expression' };
  let card: ModelCard;
  try {
    card = readCard(modelsDir, name);
    readModelFile(modelsDir, card, 'fp32');
    readModelFile(modelsDir, card, 'int8');
  } catch (error) {
    return { ...base, files: [`${name}.json`], licence: '', state: 'bad', detail: describeError(error) };
  }
  const [fp32, int8] = [card.metrics.fp32, card.metrics.int8].map((each) => each[card.answers]!);
  const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
  return {
    ...base,
    files: [card.files.fp32.file, card.files.int8.file],
    licence: card.licence,
    state: 'ok',
    detail: `${card.labels.length} labels (${card.labels.join(', ')})${describeHeads(card)}; accuracy on ${fp32!.split} fp32 ${percent(fp32!.accuracy)}, int8 ${percent(int8!.accuracy)}`,
  };
}

/** The question that the model answers, and its limits for `uncertain`. */
function describeHeads({ answers, heads, reject, covered, sensitivity }: ModelCard): string {
  const compared = Object.keys(heads);
  const limits = [
    sensitivity && `below ${sensitivity.balanced.below}`,
    reject && `rejected above ${reject.threshold}`,
    covered && `covered above ${covered.threshold}`,
  ].filter(Boolean);
  return [
    `; answers ${answers}`,
    compared.length > 0 && `, for comparison ${compared.join(', ')}`,
    limits.length > 0 && `; uncertain when ${limits.join(' or ')}`,
  ]
    .filter(Boolean)
    .join('');
}

async function checkPinnedModels(modelsDir: string): Promise<readonly ModelState[]> {
  const states = readManifest().models.map(async (model): Promise<ModelState> => {
    const { name, task, licence, about } = model;
    const file = join(modelsDir, model.file);
    const base = { name, task, files: [model.file], licence };
    if (!existsSync(file))
      return { ...base, state: 'missing', detail: `${about} Download it with: mien models pull ${name}` };
    if (await isPinned(file, model)) return { ...base, state: 'ok', detail: about };
    const detail = `${file} is not the pinned file. Delete it and download it again with: mien models pull ${name}`;
    return { ...base, state: 'bad', detail };
  });
  return Promise.all(states);
}
