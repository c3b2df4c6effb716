// @ts-check
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { run } from './command.mjs';
import { SetupFault } from './fault.mjs';

/**
 * @typedef {import('./main.mjs').Purpose} Purpose
 *
 * @typedef {object} PackageGroup
 * @property {string} why said when one of them is installed
 * @property {readonly string[]} names
 * @property {readonly Purpose[]} [only] needed for these purposes; without it for all
 */

/**
 * Debian packages, the same names in Debian 12 and 13 and in Raspberry Pi OS. Of OpenCV only the six modules that
 * setup/opencv/binding.gyp compiles against, not libopencv-dev, which is 1 GB.
 * @type {readonly PackageGroup[]}
 */
export const packageGroups = [
  { why: 'compile the native Node addons', names: ['g++', 'make', 'python3'] },
  {
    why: 'see: OpenCV and its Haar cascades',
    names: [
      'libopencv-core-dev',
      'libopencv-imgproc-dev',
      'libopencv-imgcodecs-dev',
      'libopencv-videoio-dev',
      'libopencv-objdetect-dev',
      'libopencv-dnn-dev',
      'opencv-data',
    ],
  },
  { why: 'list cameras and take stills from those that OpenCV cannot open', names: ['fswebcam', 'v4l-utils'] },
  {
    why: 'test with a real MQTT broker (the tests start their own; the one that Debian starts besides is not needed)',
    names: ['mosquitto'],
    only: ['test'],
  },
  { why: 'test that nothing leaves the device unasked', names: ['strace', 'iproute2'], only: ['test'] },
  { why: 'test the kiosk page in a real browser', names: ['chromium', 'fonts-dejavu-core'], only: ['test'] },
];

/** Debian's Node has its headers in a separate package; other builds of Node include them. */
const nodeHeaders = { why: "headers of Debian's Node, to compile addons", names: ['libnode-dev'] };

/**
 * @param {{ purpose: Purpose, debianNodeWithoutHeaders: boolean }} options
 * @returns {readonly PackageGroup[]}
 */
export function groupsFor({ purpose, debianNodeWithoutHeaders }) {
  const groups = packageGroups.filter(({ only }) => only === undefined || only.includes(purpose));
  return debianNodeWithoutHeaders ? [...groups, nodeHeaders] : groups;
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg's own format
const dpkgFormat = '${Package}\t${db:Status-Status}\t${Version}\n';

/**
 * The installed packages, from dpkg.
 * @param {string} listing output of dpkg-query in the format above
 * @returns {Map<string, string>} version by name of each package that is installed
 */
export function parseInstalled(listing) {
  const installed = new Map();
  for (const line of listing.split('\n')) {
    const [name, status, version] = line.split('\t');
    if (name && status === 'installed' && version) installed.set(name, version);
  }
  return installed;
}

/**
 * The groups reduced to packages that are not installed; empty groups are left out.
 * @param {readonly PackageGroup[]} groups
 * @param {ReadonlyMap<string, string>} installed
 */
export function missingFrom(groups, installed) {
  return groups
    .map(({ why, names }) => ({ why, names: names.filter((name) => !installed.has(name)) }))
    .filter(({ names }) => names.length > 0);
}

/**
 * Throws unless set-up knows the packages of this system.
 * @param {{ platform: string, arch: string, osRelease: string | undefined }} machine `osRelease`: text of
 * /etc/os-release
 */
export function checkPlatform({ platform, arch, osRelease }) {
  const wanted = 'Mien runs on 64-bit Debian 12 or 13 or Raspberry Pi OS (x86-64 or arm64)';
  if (platform !== 'linux') throw unsupported(`${wanted}, this is ${platform}`);
  if (arch !== 'x64' && arch !== 'arm64') throw unsupported(`${wanted}, this Node is built for ${arch}`);
  const fields = new Map((osRelease ?? '').split('\n').map((line) => splitField(line)));
  const id = fields.get('ID') ?? 'an unknown system';
  const version = fields.get('VERSION_ID') ?? '';
  const isDebian = id === 'debian' || id === 'raspbian';
  const isLikeDebian = (fields.get('ID_LIKE') ?? '').split(' ').includes('debian');
  if (!isDebian && !isLikeDebian) throw unsupported(`${wanted}, this is ${fields.get('PRETTY_NAME') ?? id}`);
  if (isDebian && version !== '' && Number.parseInt(version, 10) < 12)
    throw unsupported(`${wanted}, this is ${id} ${version}`);
}

/** @param {string} message */
function unsupported(message) {
  return new SetupFault(message, { remedy: 'Use such a system, or a container of it.', code: 69 });
}

/**
 * @param {string} line
 * @returns {[string, string]}
 */
function splitField(line) {
  const at = line.indexOf('=');
  return [line.slice(0, at), line.slice(at + 1).replace(/^"(.*)"$/, '$1')];
}

/**
 * How to become root without a password prompt. Tested on the terminal of the real call (see command.mjs), because sudo
 * remembers a password per terminal.
 * @returns {readonly string[] | undefined} prefix of a command; undefined where there is no way
 */
export function rootPrefix({
  uid = process.getuid?.(),
  sudoWorks = () => spawnSync('sudo', ['-n', 'true']).status === 0,
} = {}) {
  if (uid === 0) return [];
  return sudoWorks() ? ['sudo', '-n'] : undefined;
}

/**
 * The version of each installed package of the groups, with one call.
 * @param {readonly PackageGroup[]} groups
 */
export function readInstalled(groups) {
  const names = groups.flatMap((group) => group.names);
  const answer = spawnSync('dpkg-query', ['-W', '-f', dpkgFormat, ...names], { encoding: 'utf8' });
  if (answer.error) throw unsupported(`dpkg-query could not be run (${answer.error.message}); is this Debian?`);
  return parseInstalled(answer.stdout); // Exit code 1 only means that some packages are unknown.
}

/** Whether this Node is a Debian package without its headers. */
export function debianNodeWithoutHeaders() {
  if (findNodeHeaders() !== undefined || realpathSync(process.execPath) !== '/usr/bin/node') return false;
  try {
    const listing = execFileSync('dpkg-query', ['-W', '-f', dpkgFormat, 'nodejs'], { encoding: 'utf8', stdio: 'pipe' });
    return parseInstalled(listing).get('nodejs')?.includes('dfsg') === true;
  } catch {
    return false; // Not from a package; then node-gyp downloads the headers.
  }
}

/**
 * The prefix of this Node if its headers are beside it and of the same version, so that no download is needed.
 * @returns {string | undefined}
 */
export function findNodeHeaders(execPath = process.execPath, version = process.versions.node) {
  const prefix = realpathSync(execPath).replace(/\/bin\/[^/]+$/, '');
  const file = `${prefix}/include/node/node_version.h`;
  if (!existsSync(file) || !existsSync(`${prefix}/include/node/node.h`)) return undefined;
  const text = readFileSync(file, 'utf8');
  const found = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`NODE_${part}_VERSION (\\d+)`).exec(text)?.[1]);
  return found.join('.') === version ? prefix : undefined;
}

/**
 * The command for the user to copy.
 * @param {readonly { names: readonly string[] }[]} missing
 */
function installCommand(missing) {
  return `apt-get install -y --no-install-recommends ${missing.flatMap(({ names }) => names).join(' ')}`;
}

/**
 * Installs the missing packages only.
 * @param {{ missing: readonly { why: string, names: readonly string[] }[], prefix: readonly string[] | undefined,
 * progress: import('./progress.mjs').Progress, logFile: string, signal: AbortSignal }} options
 */
export async function installPackages({ missing, prefix, progress, logFile, signal }) {
  if (missing.length === 0) return;
  if (prefix === undefined) {
    throw new SetupFault('Debian packages are missing, and this user is neither root nor allowed "sudo -n"', {
      remedy: `Run this, then start again: sudo ${installCommand(missing)}`,
      code: 69,
    });
  }
  for (const { why, names } of missing) progress.say(`  to ${why}: ${names.join(' ')}`);
  const step = progress.step('Debian packages');
  const names = missing.flatMap((group) => group.names);
  let expected = 0;
  let seen = 0;
  /** @param {string} line */
  const onLine = (line) => {
    expected ||= 3 * Number(/, (\d+) newly installed/.exec(line)?.[1] ?? 0);
    if (/^(Get:|Unpacking |Setting up )/.test(line))
      step.note(`${Math.min(99, Math.round((100 * ++seen) / (expected || 1)))} %`);
  };
  /** @param {readonly string[]} args */
  const apt = (args, listen = false) => {
    const [file = '', ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'LC_ALL=C.UTF-8', ...args];
    return run({
      what: 'Debian packages',
      file,
      args: rest,
      logFile,
      signal,
      limitMs: 30 * 60_000,
      remedy: `See what apt says above, or install them by hand: sudo ${installCommand(missing)}`,
      ...(listen && { onLine }),
    });
  };
  const options = ['-o', 'DPkg::Lock::Timeout=120', '-o', 'Acquire::Retries=3'];
  const update = () => retryWhileListsAreLocked(() => apt(['apt-get', ...options, 'update']), signal);
  const keep = ['-o', 'Dpkg::Options::=--force-confdef', '-o', 'Dpkg::Options::=--force-confold'];
  const install = () =>
    apt(['apt-get', ...options, ...keep, 'install', '-y', '--no-install-recommends', ...names], true);
  try {
    const fresh = listsAreFresh();
    if (!fresh) await update();
    try {
      await install();
    } catch (error) {
      if (signal.aborted || !(error instanceof SetupFault)) throw error;
      // Two faults with a known remedy: an interrupted earlier run, and outdated lists.
      const interrupted = error.lastLines.some((line) => line.includes('dpkg --configure -a'));
      if (!interrupted && !fresh) throw error;
      if (interrupted) await apt(['dpkg', '--configure', '-a', '--force-confdef', '--force-confold']);
      else await update();
      await install();
    }
    step.done();
  } catch (error) {
    step.fail();
    throw error;
  }
}

/** Whether apt's lists are there and less than a day old. */
function listsAreFresh(folder = '/var/lib/apt/lists') {
  if (!existsSync(folder)) return false;
  const lists = readdirSync(folder).filter((name) => /_(Packages|Packages\.\w+)$/.test(name));
  if (lists.length === 0) return false;
  // A list has the date of the archive; the folder has the date of the last update.
  return (
    Date.now() -
      Math.max(statSync(folder).mtimeMs, statSync(`${folder}/partial`, { throwIfNoEntry: false })?.mtimeMs ?? 0) <
    86_400_000
  );
}

/**
 * DPkg::Lock::Timeout does not cover the lock on the lists.
 * @param {() => Promise<void>} update
 * @param {AbortSignal} signal
 */
async function retryWhileListsAreLocked(update, signal, tries = 24) {
  for (let left = tries; ; left -= 1) {
    try {
      return await update();
    } catch (error) {
      const locked = error instanceof SetupFault && error.lastLines.some((line) => line.includes('/lists/lock'));
      if (!locked || left <= 1 || signal.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5000));
    }
  }
}
