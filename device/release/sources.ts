import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCode, MienError } from '../core/errors.ts';
import { findNpm } from '../setup/modules.mjs';
import { once, runLogged, type Workshop } from './workshop.ts';

/** An archive of a package registry, pinned by its hash. */
interface Source {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  /** As in an integrity field of npm: algorithm and base64. */
  readonly integrity: string;
  /** What of it is unpacked, in tar's patterns. */
  readonly members: readonly string[];
  readonly download: (workshop: Workshop, folder: string) => Promise<void>;
}

/** OpenCV with its third-party libraries, which Debian's source package leaves out. OpenCV 5 does not fit the binding. */
export const opencvSource: Source = {
  name: 'OpenCV',
  version: '4.14.0',
  file: 'opencv_python_headless-4.14.0.94.tar.gz',
  integrity: 'sha256-SvouoSFEU2SL6IJZ8DVxJFT6qQObaG3ndTVpuo7sFXc=',
  members: ['*/opencv/*', '*/LICENSE-3RD-PARTY.txt'],
  async download(workshop, folder) {
    await runLogged(workshop, {
      what: 'Download of OpenCV',
      file: 'pip',
      args: [
        ...['download', '--no-deps', '--no-binary', 'opencv-python-headless', '--dest', folder],
        'opencv-python-headless==4.14.0.94',
      ],
      remedy: 'Check that PyPI can be reached, or put the file there by hand.',
    });
  },
};

export const ffmpegSource: Source = {
  name: 'FFmpeg',
  version: '7.1.5',
  file: 'ffmpeg_7.1.5.orig.tar.xz',
  integrity: 'sha256-3maFCcr541480WJHNEH9spU4xtlu0IApKzz55vxdVY8=',
  members: ['*'],
  async download(workshop, folder) {
    await debianSource(workshop, folder, 'ffmpeg', 'trixie');
  },
};

export const nodeSource = ({ target }: Workshop): Source => ({
  name: 'Node.js',
  version: target.node.version,
  file: `${target.node.package}-${target.node.version}.tgz`,
  integrity: target.node.integrity,
  members: ['*'],
  async download(workshop, folder) {
    const [npm, ...first] = findNpm(process.env);
    await runLogged(workshop, {
      what: 'Download of Node',
      file: npm,
      args: [
        ...[...first, 'pack', `${target.node.package}@${target.node.version}`, '--pack-destination', folder],
        '--ignore-scripts',
      ],
      remedy: 'Check that the npm registry can be reached (npm ping).',
    });
  },
});

/** Downloads (once), checks and unpacks an archive. @returns the folder of its content */
export async function unpack(workshop: Workshop, source: Source): Promise<string> {
  const file = await fetchSource(workshop, source);
  const folder = join(workshop.folder, 'sources', source.file.replace(/\.(tar\.\w+|tgz)$/, ''));
  const step = { title: `Sources of ${source.name}`, folder, key: [source.integrity, ...source.members] };
  return await once(workshop, step, async () => {
    await runLogged(workshop, {
      what: `Sources of ${source.name}`,
      file: 'tar',
      args: [
        ...['--extract', '--file', file, '--directory', folder, '--strip-components=1', '--no-same-owner'],
        ...['--wildcards', ...source.members],
      ],
    });
  });
}

async function fetchSource(workshop: Workshop, source: Source): Promise<string> {
  const folder = join(workshop.folder, 'downloads');
  const file = join(folder, source.file);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const said = workshop.progress.step(`Download of ${source.name}`);
    await source.download(workshop, folder);
    said.done();
  }
  checkIntegrity(file, source);
  return file;
}

/** Compares a download with its pinned hash. @throws MienError if it is missing or another one */
export function checkIntegrity(
  file: string,
  { name, version, integrity }: Pick<Source, 'name' | 'version' | 'integrity'>,
): void {
  if (!existsSync(file)) {
    throw new MienError(`expected the download of ${name} ${version} to be ${file}, got no such file`, {
      code: exitCode.unavailable,
      remedy: 'The registry may have a newer version only: put this file there by hand, or pin the newer one',
    });
  }
  const [algorithm = ''] = integrity.split('-', 1);
  const found = `${algorithm}-${createHash(algorithm).update(readFileSync(file)).digest('base64')}`;
  if (found === integrity) return;
  throw new MienError(`${file}: expected ${integrity}, got ${found}`, {
    code: exitCode.badData,
    remedy: 'Delete the file and start again; if it stays so, the registry serves something else than was pinned',
  });
}

/** Fetches the files of a Debian source package, also where the machine's own sources.list names other suites. */
async function debianSource(workshop: Workshop, folder: string, name: string, suite: string): Promise<void> {
  const apt = join(workshop.folder, 'apt');
  mkdirSync(join(apt, 'lists/partial'), { recursive: true });
  writeFileSync(join(apt, 'sources.list'), `deb-src http://deb.debian.org/debian ${suite} main\n`);
  const options = [
    ...['-o', `Dir::Etc::SourceList=${apt}/sources.list`, '-o', 'Dir::Etc::SourceParts=/dev/null'],
    ...['-o', `Dir::State::Lists=${apt}/lists`, '-o', `Dir::Cache=${apt}`],
  ];
  const remedy = "Check that Debian's archive can be reached, or put the file there by hand.";
  const apt_get = (args: readonly string[]) =>
    runLogged(workshop, {
      what: `Download of ${name}`,
      file: 'apt-get',
      args: [...options, '--quiet', ...args],
      cwd: folder,
      remedy,
    });
  await apt_get(['update']);
  await apt_get(['source', '--download-only', `${name}/${suite}`]);
}
