import { expect, test } from 'vitest';
import { targetOf } from '../target.ts';
import { completeSbom, type Sbom } from './sbom.ts';

const mien = {
  'bom-ref': 'mien@1.0.0',
  type: 'library',
  name: 'modules',
  properties: [{ name: 'cdx:npm:package:path', value: '' }],
};
const zod = {
  'bom-ref': 'zod@4.0.0',
  type: 'library',
  name: 'zod',
  properties: [{ name: 'p', value: 'node_modules/zod' }],
};
const npm = {
  ...{ bomFormat: 'CycloneDX', specVersion: '1.5', serialNumber: 'urn:uuid:random' },
  metadata: { timestamp: '2030-01-01T00:00:00Z', component: mien },
  components: [zod],
  dependencies: [
    { ref: 'mien@1.0.0', dependsOn: ['zod@4.0.0'] },
    { ref: 'zod@4.0.0', dependsOn: [] },
  ],
} as Sbom;
const yunet = {
  ...{ name: 'yunet', task: 'face detection', file: 'y.onnx', bytes: 1, sha256: 'a'.repeat(64), licence: 'MIT' },
  ...{ data: [], about: '', from: { url: 'https://example.org/y.onnx' } },
} as const;
const released = '2026-11-30T12:00:00.000Z';
const complete = () => completeSbom(npm, { target: targetOf('x64', 'x64'), models: [yunet], released }) as typeof npm;

test('Node, OpenCV, FFmpeg and the models are added, as dependencies of Mien', () => {
  const { components, dependencies } = complete();
  expect(components.map(({ name }) => name)).toEqual(['zod', 'node', 'opencv', 'ffmpeg', 'yunet']);
  const refs = components.map((each) => each['bom-ref']);
  expect(dependencies.find(({ ref }) => ref === 'mien@1.0.0')?.dependsOn).toEqual(refs);
  expect(dependencies.map(({ ref }) => ref).sort()).toEqual(['mien@1.0.0', ...refs].sort());
  expect(components.at(-2)).toMatchObject({ licenses: [{ license: { id: 'LGPL-2.1-or-later' } }] });
});

test('it describes Mien, not the folder of the build', () => {
  expect(complete().metadata.component).toMatchObject({ name: 'mien', type: 'application', 'bom-ref': 'mien@1.0.0' });
});

test('nothing in it differs from run to run or from folder to folder', () => {
  expect(complete()).toEqual(complete());
  expect(JSON.stringify(complete())).not.toMatch(/serialNumber|2030|node_modules|cdx:npm/);
  expect(complete()).toMatchObject({ specVersion: '1.6', metadata: { timestamp: released } });
});
