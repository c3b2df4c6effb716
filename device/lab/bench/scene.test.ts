import { expect, test } from 'vitest';
import { iou } from '../../core/boxes.ts';
import { chooseDetector } from '../../detect/choose.ts';
import { modelsDir, yunetDir } from '../fixtures/shared.ts';
import { placesOf, SceneMaker, takeIngredients } from './scene.ts';

test.each([1, 2, 4, 8, 16])('%d places are inside the picture and do not overlap, with room to move', (faces) => {
  const places = placesOf({ faces, width: 320, height: 240 });
  expect(places).toHaveLength(faces);
  for (const place of places) {
    const sway = 0.05 * place.width;
    expect(place.x - sway).toBeGreaterThanOrEqual(0);
    expect(place.y - sway).toBeGreaterThanOrEqual(0);
    expect(place.x + place.width + sway).toBeLessThanOrEqual(320);
    expect(place.y + place.height + sway).toBeLessThanOrEqual(240);
    expect(places.filter((other) => iou(place, other) > 0)).toEqual([place]);
  }
});

test('a scene without faces has no places', () => {
  expect(placesOf({ faces: 0, width: 320, height: 240 })).toEqual([]);
});

test.skipIf(!yunetDir)(
  'the detector finds the requested number of faces in every frame, and no frame repeats',
  async () => {
    const ingredients = await takeIngredients(modelsDir);
    const { detector } = chooseDetector({
      detector: 'yunet',
      modelsDir: yunetDir!,
      minScore: 0.7,
      minFace: 12,
      inputWidth: 320,
    });
    for (const faces of [0, 1, 8, 16]) {
      const maker = new SceneMaker({ faces, width: 640, height: 480 }, ingredients);
      for (const index of [0, 7, 20]) {
        const [frame, next] = [maker.frame(index), maker.frame(index + 1)];
        expect(await detector.detect(frame)).toHaveLength(faces);
        expect(frame.getData().equals(next.getData())).toBe(false);
        frame.release();
        next.release();
      }
      maker.close();
    }
    ingredients.face.release();
    ingredients.background.release();
  },
);
