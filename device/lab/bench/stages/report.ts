import type { Row } from '../table.ts';
import { partsOfOthers, type StageResult } from './stages.ts';
import type { Times } from './stopwatch.ts';

/** One table per size of the picture: a row per stage, a column per number of faces. */
export function stageTables(results: readonly StageResult[]): { title: string; rows: Row[] }[] {
  const sizes = [...new Set(results.map(({ width, height }) => `${width}x${height}`))];
  return sizes.map((size) => {
    const ofSize = results.filter(({ width, height }) => `${width}x${height}` === size);
    return { title: `Stages at ${size}, ms: p50 / p95 / p99`, rows: rowsOf(ofSize) };
  });
}

function rowsOf(results: readonly StageResult[]): Row[] {
  const names = Object.keys(results[0]?.stages ?? {});
  const row = (stage: string, cell: (result: StageResult) => string): Row => ({
    stage,
    ...Object.fromEntries(
      results.map((result) => [result.faces === 1 ? '1 face' : `${result.faces} faces`, cell(result)]),
    ),
  });
  return [
    ...names.map((name) =>
      row(partsOfOthers.has(name) ? `  (${name})` : name, ({ stages }) => timesText(stages[name])),
    ),
    row('faces found', ({ found }) => found.toFixed(2)),
    row('frames/s, one after the other', ({ framesPerSecond }) => framesPerSecond.toFixed(0)),
    row('CPU ms/frame', ({ cpuMsPerFrame }) => cpuMsPerFrame.toFixed(1)),
    row('CPU s', ({ cpuSeconds }) => cpuSeconds.toFixed(2)),
    row('memory of the bench, MB', ({ memoryMb }) => memoryMb.toFixed(0)),
  ];
}

function timesText(times: Times | undefined): string {
  if (!times) return '-';
  return [times.p50, times.p95, times.p99].map((ms) => ms.toFixed(ms < 1 ? 2 : 1)).join(' / ');
}
