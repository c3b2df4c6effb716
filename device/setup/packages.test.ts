import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestFolder } from '../lab/fixtures/scratch.ts';
import { faultOf } from '../lab/fixtures/setup-fault.ts';
import { compilersAtOnce } from './native.mjs';
import {
  checkPlatform,
  findNodeHeaders,
  groupsFor,
  installPackages,
  missingFrom,
  packageGroups,
  parseInstalled,
  rootPrefix,
} from './packages.mjs';
import { createProgress } from './progress.mjs';
import { complainAboutNode } from './start.mjs';

const folder = new TestFolder();
const never = new AbortController().signal;
const debian12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n';

describe('the machine', () => {
  it('refuses a Node that is too old, in one line', () => {
    expect(complainAboutNode('20.18.3')).toContain('Node 20.19 or newer is needed, this is 20.18.3');
    expect(complainAboutNode('18.20.0')?.split('\n')).toHaveLength(1);
    expect(complainAboutNode('20.19.0')).toBeUndefined();
    expect(complainAboutNode('24.1.0')).toBeUndefined();
  });

  it.each([
    ['Debian 12', debian12],
    ['Debian 13', 'ID=debian\nVERSION_ID="13"\n'],
    ['Debian testing, which has no number', 'ID=debian\n'],
    ['a Jetson', 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="22.04"\n'],
  ])('takes %s', (_, osRelease) => {
    expect(() => checkPlatform({ platform: 'linux', arch: 'arm64', osRelease })).not.toThrow();
  });

  it.each([
    ['darwin', 'arm64', undefined, 'this is darwin'],
    ['linux', 'arm', debian12, 'this Node is built for arm'],
    ['linux', 'x64', 'ID=fedora\nPRETTY_NAME="Fedora Linux 44"\n', 'this is Fedora Linux 44'],
    ['linux', 'x64', 'ID=debian\nVERSION_ID="11"\n', 'this is debian 11'],
    ['linux', 'x64', undefined, 'this is an unknown system'],
  ])('refuses %s %s', (platform, arch, osRelease, what) => {
    expect(() => checkPlatform({ platform, arch, osRelease })).toThrow(what);
  });

  it('becomes root as root or by sudo without a prompt', () => {
    expect(rootPrefix({ uid: 0, sudoWorks: () => false })).toEqual([]);
    expect(rootPrefix({ uid: 1000, sudoWorks: () => true })).toEqual(['sudo', '-n']);
    expect(rootPrefix({ uid: 1000, sudoWorks: () => false })).toBeUndefined();
  });

  it('compiles with one process per core, at most one per free gigabyte', () => {
    expect(compilersAtOnce({ cores: 4, freeBytes: 8e9 })).toBe(4);
    expect(compilersAtOnce({ cores: 4, freeBytes: 2.5e9 })).toBe(2);
    expect(compilersAtOnce({ cores: 4, freeBytes: 0.4e9 })).toBe(1);
  });

  it('uses headers beside Node only when they are of the same version', () => {
    const include = join(folder.path, 'include/node');
    mkdirSync(include, { recursive: true });
    mkdirSync(join(folder.path, 'bin'));
    writeFileSync(join(folder.path, 'bin/node'), '');
    writeFileSync(join(include, 'node.h'), '');
    const define = (part: string, value: number) => `#define NODE_${part}_VERSION ${value}\n`;
    writeFileSync(join(include, 'node_version.h'), define('MAJOR', 20) + define('MINOR', 20) + define('PATCH', 2));
    expect(findNodeHeaders(join(folder.path, 'bin/node'), '20.20.2')).toBe(folder.path);
    expect(findNodeHeaders(join(folder.path, 'bin/node'), '20.20.1')).toBeUndefined();
    rmSync(join(include, 'node.h'));
    expect(findNodeHeaders(join(folder.path, 'bin/node'), '20.20.2')).toBeUndefined();
  });
});

describe('Debian packages', () => {
  it('needs a browser and a broker for tests only, and headers only for a Node without them', () => {
    const names = (purpose: 'demo' | 'test', debianNodeWithoutHeaders = false) =>
      groupsFor({ purpose, debianNodeWithoutHeaders }).flatMap((group) => group.names);
    expect(names('demo')).not.toContain('chromium');
    expect(names('test')).toEqual(expect.arrayContaining([...names('demo'), 'chromium', 'mosquitto']));
    expect(names('demo')).not.toContain('libnode-dev');
    expect(names('demo', true)).toContain('libnode-dev');
  });

  it('counts only completely installed packages, and names the others', () => {
    const installed = parseInstalled('g++\tinstalled\t4:12\nmake\tconfig-files\t4.3\npython3\tunpacked\t3.11\n');
    expect([...installed]).toEqual([['g++', '4:12']]);
    expect(missingFrom(packageGroups.slice(0, 1), installed)).toEqual([
      { why: packageGroups[0]!.why, names: ['make', 'python3'] },
    ]);
    expect(missingFrom([{ why: 'x', names: ['g++'] }], installed)).toEqual([]);
  });

  it('prints the exact command when there is neither root nor sudo', async () => {
    const progress = createProgress({ out: { write: () => true }, live: false });
    const missing = [{ why: 'x', names: ['g++', 'make'] }];
    const fault = await faultOf(
      installPackages({ missing, prefix: undefined, progress, logFile: join(folder.path, 'log'), signal: never }),
    );
    expect(fault.text).toBe(
      'mien: Debian packages are missing, and this user is neither root nor allowed "sudo -n". ' +
        'Run this, then start again: sudo apt-get install -y --no-install-recommends g++ make',
    );
    expect(fault.code).toBe(69);
  });
});
