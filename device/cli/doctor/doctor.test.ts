import { describe, expect, it } from 'vitest';
import { TestFolder } from '../../lab/fixtures/scratch.ts';
import { examine } from './doctor.ts';

const folder = new TestFolder();

describe('examine', () => {
  it('names the mistakes of a configuration, and still looks at what needs none', async () => {
    const file = folder.write('mien.yaml', 'camera:\n  width: 1\n');
    const findings = await examine({ file, env: {} });
    expect(findings.find(({ part }) => part === 'config')).toMatchObject({
      state: 'fail',
      detail: expect.stringContaining('camera.width: expected a whole number'),
    });
    expect(findings.map(({ part }) => part)).toEqual(expect.arrayContaining(['node', 'opencv', 'clock']));
    expect(findings.map(({ part }) => part)).not.toContain('camera');
  });

  it('gives a remedy with everything that is not ok', async () => {
    const file = folder.write(
      'mien.yaml',
      `dataDir: ${folder.path}\ncamera:\n  source: /dev/none\nmqtt:\n  url: mqtt://127.0.0.1:1\n`,
    );
    const findings = await examine({ file, env: {} });
    expect(findings.filter(({ part }) => part === 'camera' || part === 'broker').map(({ state }) => state)).toEqual([
      'fail',
      'fail',
    ]);
    expect(findings.filter(({ state, remedy }) => state !== 'ok' && !remedy)).toEqual([]);
  });
});
