import { expect, test } from 'vitest';
import { type LiveSettingsPatch, liveField, livePaths, liveSettingsPatch } from './live-settings.ts';
import { findSetting } from './settings.ts';

type Sections = Required<LiveSettingsPatch>;
type LivePath = {
  [Name in keyof Sections]: `${Name}.${keyof Required<Sections>[Name] & string}`;
}[keyof Sections];

/** The compiler refuses a missing or extra path in this list. The test compares the list with the marked fields. */
const typed: Record<LivePath, true> = {
  'camera.width': true,
  'camera.height': true,
  'camera.fps': true,
  'camera.rotate': true,
  'camera.flip': true,
  'camera.loop': true,
  'detect.minScore': true,
  'detect.minFace': true,
  'detect.inputWidth': true,
  'detect.adaptive': true,
  'classify.uncertain': true,
  'classify.sensitivity': true,
  'classify.mirror': true,
  'track.smoothingMs': true,
  'track.lostMs': true,
  'http.jpegQuality': true,
  'http.streamFps': true,
  'kiosk.title': true,
  'kiosk.notice': true,
  'kiosk.language': true,
  'kiosk.theme': true,
  'kiosk.textScale': true,
  'kiosk.pixelShift': true,
  'kiosk.dimAfterMinutes': true,
  'kiosk.night': true,
  'kiosk.nightBrightness': true,
  'kiosk.offAfterMinutes': true,
  'kiosk.offAtNight': true,
  'log.level': true,
};

test('the type of a change names exactly the settings that the schema accepts', () => {
  expect(livePaths).toEqual(Object.keys(typed));
  const accepted: LiveSettingsPatch = { camera: { fps: 12 }, kiosk: { title: 'Lobby' } };
  expect(liveSettingsPatch.parse(accepted)).toEqual(accepted);
  // @ts-expect-error camera.source is not live
  const refused: LiveSettingsPatch = { camera: { source: 'demo' } };
  expect(liveSettingsPatch.safeParse(refused).success).toBe(false);
});

test('a change has no defaults, and keeps bounds and descriptions', () => {
  expect(liveSettingsPatch.parse({ camera: {} })).toEqual({ camera: {} });
  expect(liveField('camera.fps')?.safeParse(500).success).toBe(false);
  expect(liveField('camera.fps')?.description).toBe(findSetting('camera.fps')?.description);
  expect(liveField('camera.source')).toBeUndefined();
});
