import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { analyze, modelsWithoutYunet } from '../../lab/fixtures/analysis.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { clip, modelsDir, yunetDir } from '../../lab/fixtures/shared.ts';

/** Each test runs the program once or more, which takes a busy machine ten times as long. */
vi.setConfig({ testTimeout: 180_000 });

const scratch = scratchFolder();

/** What `../shared/clips/README.md` says a correct pipeline sees. */
describe('recordings of people', () => {
  const cases: readonly {
    name: string;
    frames: number;
    /** How many people there are in all, and so tracks. */
    people: number;
    sees: (faces: readonly number[]) => void;
  }[] = [
    { name: 'head-pose-face-detection-male.mp4', frames: 62, people: 1, sees: onePerson },
    { name: 'head-pose-face-detection-female.mp4', frames: 23, people: 1, sees: onePerson },
    {
      name: 'face-demographics-walking-and-pause.mp4',
      frames: 41,
      people: 3,
      sees: (faces) => expect(share(faces, (count) => count === 3)).toBeGreaterThan(0.9),
    },
    {
      name: 'face-demographics-walking.mp4',
      frames: 35,
      people: 2,
      sees: (faces) => expect(share(faces, (count) => count >= 1)).toBeGreaterThan(0.9),
    },
    {
      name: 'classroom.mp4',
      frames: 45,
      people: 4,
      sees(faces) {
        expect(Math.max(...faces)).toBe(4);
        expect(share(faces, (count) => count >= 4)).toBeGreaterThan(0.9);
      },
    },
    { name: 'bird.mkv', frames: 63, people: 1, sees: onePerson },
    { name: 'sorry.mkv', frames: 73, people: 1, sees: onePerson },
    // The skull on his shirt and his hands pass for a face now and then; never for long.
    { name: 'again.mkv', frames: 77, people: 1, sees: onePerson },
    {
      name: 'one-by-one-person-detection-20s.mp4',
      frames: 200,
      people: 0,
      sees: (faces) => expect(Math.max(...faces)).toBe(0),
    },
  ];

  test.for(cases)('$name', async ({ name, frames, people, sees }, { skip }) => {
    const path = clip(name);
    skip(!path, 'shared/clips is absent');
    skip(!yunetDir, 'YuNet is absent; get it with: mien models pull');
    const lines = await analyze(path!, ...(yunetDir === modelsDir ? [] : ['--set', `modelsDir=${modelsWithYunet()}`]));
    expect(lines.map(({ frame }) => frame)).toEqual(Array.from({ length: frames }, (_, frame) => frame));
    sees(lines.map(({ faces }) => faces.length));
    expect(new Set(lines.flatMap(({ faces }) => faces.map(({ track }) => track))).size).toBe(people);
  });

  /** People whose expression does not change, as far as can be told. */
  const steady = [
    'head-pose-face-detection-female.mp4',
    'bird.mkv',
    'sorry.mkv',
    'again.mkv',
    'face-demographics-walking-and-pause.mp4',
  ];

  test('labels change less than 6 times a minute, the first name of a newcomer not counted', async ({ skip }) => {
    skip(!clip(steady[0]!), 'shared/clips is absent');
    skip(!yunetDir, 'YuNet is absent; get it with: mien models pull');
    const models = yunetDir === modelsDir ? [] : ['--set', `modelsDir=${modelsWithYunet()}`];
    let changes = 0;
    let people = 0;
    let minutes = 0;
    for (const name of steady) {
      const sights = (await analyze(clip(name)!, ...models)).flatMap(({ t, faces }) =>
        faces.map(({ track, label }) => ({ t, track, label })),
      );
      for (const track of new Set(sights.map((sight) => sight.track))) {
        const seen = sights.filter((sight) => sight.track === track);
        const named = seen.slice(seen.findIndex(({ label }) => label !== 'uncertain'));
        changes += named.filter(({ label }, index) => index > 0 && label !== named[index - 1]!.label).length;
        minutes += (seen.at(-1)!.t - seen[0]!.t) / 60;
        people += 1;
      }
    }
    expect(people).toBe(7);
    expect(changes / minutes).toBeLessThan(6);
  });

  function share(faces: readonly number[], holds: (count: number) => boolean): number {
    return faces.filter(holds).length / faces.length;
  }

  function onePerson(faces: readonly number[]): void {
    expect(share(faces, (count) => count >= 1)).toBeGreaterThanOrEqual(0.95);
    expect(Math.max(...faces)).toBe(1);
  }

  /** The shipped models with YuNet from beside the checkout. */
  function modelsWithYunet(): string {
    const folder = modelsWithoutYunet(scratch);
    const file = 'face_detection_yunet_2023mar.onnx';
    copyFileSync(join(yunetDir!, file), join(folder, file));
    return folder;
  }
});
