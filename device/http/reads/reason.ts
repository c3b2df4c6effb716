import type { StateBoard } from '../../core/state.ts';
import { ProblemError } from '../answers/problem.ts';
import type { ReadQuery } from './query.ts';
import type { Read, Reads } from './reads.ts';

/** Opens a read. A refusal gets the reason of the state board, because the reading thread does not know it. */
export async function openWithReason(reads: Reads, query: ReadQuery, board: StateBoard): Promise<Read> {
  try {
    return await reads.open(query);
  } catch (error) {
    const { state, reason } = board.current.store;
    if (!(error instanceof ProblemError) || error.problem.title !== 'Not available') throw error;
    if (state === 'ok' || !reason) throw error;
    throw new ProblemError({ ...error.problem, detail: 'The log cannot be read at the moment', remedy: reason });
  }
}
