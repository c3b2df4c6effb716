import { expect, test } from 'vitest';
import { StateBoard } from '../../core/state.ts';
import { ProblemError } from '../answers/problem.ts';
import type { ReadQuery } from './query.ts';
import type { Reads } from './reads.ts';
import { openWithReason } from './reason.ts';

const refusal = { status: 503, title: 'Not available', detail: 'mien.db has an older schema' } as const;
const reads = {
  open: () => Promise.reject(new ProblemError(refusal)),
} as unknown as Reads;

async function refusalAt(store: Parameters<StateBoard['update']>[1]) {
  const board = new StateBoard('test');
  board.update('store', store as never);
  const error: unknown = await openWithReason(reads, {} as ReadQuery, board).catch((thrown) => thrown);
  return (error as ProblemError).problem;
}

test('a refused read has the reason of the store, also while a copy is made before an update', async () => {
  for (const state of ['failing', 'starting'] as const) {
    const reason = 'A copy of the database is made before its update';
    expect(await refusalAt({ state, reason })).toEqual({
      status: 503,
      title: 'Not available',
      detail: 'The log cannot be read at the moment',
      remedy: reason,
    });
  }
});

test('without a fault of the store the refusal stays', async () => {
  expect(await refusalAt({ state: 'ok', reason: 'rows are salvaged' })).toEqual(refusal);
  expect(await refusalAt({ state: 'starting' })).toEqual(refusal);
});
