import { existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { syncFolder } from '../../core/folder.ts';
import { type Release, readRelease } from '../verify/release.ts';
import { linkTarget, replaceLink, writeDurably } from './disk.ts';
import { type Host, runOrFail } from './host.ts';

/** Written last into a release. A folder without it is left over from a cut. */
const completeMark = '.complete';

/** The releases on this host: one folder each, with links to the one in use and the one before it. */
export class Releases {
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get current(): string | undefined {
    return this.#linked(this.#host.at.current);
  }

  get previous(): string | undefined {
    return this.#linked(this.#host.at.previous);
  }

  folder(version: string): string {
    return join(this.#host.at.releases, version);
  }

  isComplete(version: string): boolean {
    return existsSync(join(this.folder(version), completeMark));
  }

  /** @throws MienError if the release has no description */
  describe(version: string): Release {
    return readRelease(this.folder(version));
  }

  /** The version that this release says it is; a checkout's folder has a longer name. */
  productVersion(version: string): string {
    const text = readFileSync(join(this.folder(version), 'package.json'), 'utf8');
    return (JSON.parse(text) as { version: string }).version;
  }

  /** Makes sure that all files are on the disk, then says so. */
  async markComplete(version: string): Promise<void> {
    await runOrFail(this.#host, 'sync', ['--file-system', this.folder(version)], 600_000);
    writeDurably(join(this.folder(version), completeMark), '');
    syncFolder(this.#host.at.releases);
  }

  /** Puts a release into use. Each link changes in one step; `current` last. */
  use(version: string, previous: string | undefined): void {
    const { at } = this.#host;
    if (previous === undefined) rmSync(at.previous, { force: true });
    else if (this.previous !== previous) replaceLink(at.previous, `releases/${previous}`);
    if (this.current !== version) replaceLink(at.current, `releases/${version}`);
  }

  remove(version: string): void {
    const folder = this.folder(version);
    if (!existsSync(folder)) return;
    // The name goes first: a cut in the middle must not leave half a release that looks complete.
    const garbage = join(dirname(folder), `.removed-${basename(folder)}`);
    rmSync(garbage, { recursive: true, force: true });
    renameSync(folder, garbage);
    syncFolder(dirname(folder));
    rmSync(garbage, { recursive: true, force: true });
  }

  /** Removes all but the current and the previous release. @returns what was removed */
  prune(): readonly string[] {
    const { releases } = this.#host.at;
    const kept = [this.current, this.previous];
    const names = existsSync(releases) ? readdirSync(releases) : [];
    const others = names.filter((name) => !kept.includes(name));
    for (const name of others) {
      if (name.startsWith('.')) rmSync(join(releases, name), { recursive: true, force: true });
      else this.remove(name);
    }
    return others;
  }

  #linked(link: string): string | undefined {
    const version = /^releases\/([^/]+)$/.exec(linkTarget(link) ?? '')?.[1];
    return version !== undefined && this.isComplete(version) ? version : undefined;
  }
}
