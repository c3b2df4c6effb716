import { readFileSync } from 'node:fs';
import type { Detection, Point } from '../core/types.ts';

export interface RecordedFrame {
  readonly mono: number;
  readonly detections: readonly Detection[];
}

/** Detections of a recording of people, as recorded/README.md describes them. */
export function recorded(name: string): RecordedFrame[] {
  return readFileSync(new URL(`./recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { ms, faces } = JSON.parse(line) as { ms: number; faces: number[][] };
      return { mono: ms, detections: faces.map(toDetection) };
    });
}

function toDetection(numbers: readonly number[]): Detection {
  const [score, x, y, width, height, ...marks] = numbers as [number, number, number, number, number, ...number[]];
  const point = (index: number): Point => ({ x: marks[2 * index]!, y: marks[2 * index + 1]! });
  return {
    score,
    box: { x, y, width, height },
    landmarks: { eyeLeft: point(0), eyeRight: point(1), nose: point(2), mouthLeft: point(3), mouthRight: point(4) },
  };
}
