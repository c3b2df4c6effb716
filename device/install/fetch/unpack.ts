import { lstatSync, mkdirSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';
import { runPatiently } from '../../core/run-program.ts';

/** A slow card needs minutes. */
const limits = { idleMs: 120_000, totalMs: 3_600_000 };

/**
 * Unpacks the archive of a release, without the folder in it.
 *
 * It uses the system's tar: each Debian has it, it needs constant memory, it refuses names with `..`, and it makes links that
 * lead out only at the end, so nothing is written through one. What lies on the disk afterwards is checked all the same.
 *
 * @throws MienError if the archive is damaged or holds something that a release never does; the folder is then gone
 */
export async function unpack(archive: string, folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const args = [
    ...['--extract', '--gzip', '--file', archive, '--directory', folder, '--strip-components=1'],
    ...['--no-same-owner', '--no-same-permissions'],
  ];
  const { code, signal, stderr } = await runPatiently('tar', args, limits);
  try {
    if (code !== 0) throw damaged(archive, stderr.trim().split('\n')[0] || signal || `tar ended with ${code}`);
    refuseStrange(archive, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A release has files, folders and links within it. */
function refuseStrange(archive: string, root: string, folder = root): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const found = lstatSync(path);
    const shown = relative(root, path);
    if (found.isSymbolicLink()) {
      const target = resolve(dirname(path), readlinkSync(path));
      if (!target.startsWith(`${root}/`))
        throw damaged(archive, `${shown} is a link to ${readlinkSync(path)}, outside`);
    } else if (found.isDirectory()) refuseStrange(archive, root, path);
    else if (!found.isFile() || (found.mode & 0o6000) !== 0) {
      throw damaged(archive, `${shown} is neither a plain file nor a folder`);
    }
  }
}

function damaged(archive: string, why: string): MienError {
  return new MienError(`${archive} cannot be unpacked: ${why}`, {
    code: exitCode.badData,
    remedy: 'Check the free space, and download it again; if it stays so, tell its publisher',
  });
}
