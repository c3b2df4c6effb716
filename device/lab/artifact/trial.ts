import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { childEnvironment } from '../../core/child-environment.ts';
import { runProgram } from '../../core/run-program.ts';
import { sha256Of } from '../../install/verify/archive.ts';
import { type Release, readRelease } from '../../install/verify/release.ts';
import { checkoutCli } from '../bench/product/daemon.ts';
import type { Checks } from '../checks.ts';
import { CleanRoot, type Suite } from './clean-root.ts';
import { checkFootprint } from './footprint.ts';
import { analysed, compareLabels, lastLine } from './labels.ts';
import { checkRefusals } from './refusals.ts';
import { faultsOfSbom } from './sbom.ts';

export interface TrialOptions {
  readonly checks: Checks;
  readonly lab: string;
  readonly archive: string;
  readonly suites: readonly Suite[];
  readonly clips: readonly string[];
  /** Of each clip; undefined: all. */
  readonly frames: number | undefined;
  readonly minFaces: number;
}

/** Largest archive, in MB. */
const maxMb = 90;
/** Native parts that a device does not take from its system. */
const bundled = ['Node.js', 'OpenCV', 'FFmpeg'];
const clipsInside = '/mnt/clips';

/** What an archive must do on a device that has nothing. */
export class Trial {
  readonly #options: TrialOptions;

  constructor(options: TrialOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { archive, lab, checks } = this.#options;
    mkdirSync(lab, { recursive: true });
    // On the disk of the archive, which is linked, not copied.
    const scratch = mkdtempSync(join(dirname(archive), '.trial-'));
    const remove = () => rmSync(scratch, { recursive: true, force: true });
    process.on('exit', remove);
    try {
      execFileSync('tar', ['--extract', '--file', archive, '--directory', scratch], { env: childEnvironment() });
      const release = join(scratch, readdirSync(scratch)[0]!);
      const description = readRelease(release);
      await this.#archive(release, description);
      await this.#roots(release, description);
      if (description.arch === process.arch) await checkFootprint(checks, join(release, 'bin/mien'));
      else console.log(`not run: memory and start, because this machine emulates ${description.arch}`);
      const mirror = join(scratch, 'mirror');
      mkdirSync(mirror);
      await checkRefusals(checks, archive, release, mirror);
    } finally {
      process.off('exit', remove);
      remove();
    }
  }

  async #archive(release: string, { version, arch, commit, glibc, unpackedBytes }: Release): Promise<void> {
    const { checks, archive, lab } = this.#options;
    const megabytes = statSync(archive).size / 1e6;
    const size = `${megabytes.toFixed(1)} MB packed, ${Math.round(unpackedBytes / 1e6)} MB unpacked`;
    checks.report(megabytes <= maxMb, `Mien ${version} for ${arch}, ${commit}: ${size}, at most ${maxMb} MB`);
    console.log(`      sha256 ${await sha256Of(archive)}, glibc ${glibc}`);
    const faults = await faultsOfSbom(JSON.parse(readFileSync(join(release, 'sbom.cdx.json'), 'utf8')), lab);
    checks.report(faults.length === 0, `sbom.cdx.json fits the schema of CycloneDX 1.6 ${faults.join('; ')}`);
    checks.report(
      existsSync(join(release, 'release.pub')),
      'the key for the next release is inside (npm run package -- --key)',
    );
  }

  async #roots(release: string, { arch }: Release): Promise<void> {
    const { clips, lab, suites } = this.#options;
    const folders = Object.fromEntries(clips.map((file) => [join(clipsInside, basename(file)), file]));
    const expected = new Map<string, ReturnType<typeof analysed>>();
    for (const file of clips) {
      expected.set(file, analysed('the checkout', await runProgram(checkoutCli, this.#analyze(file), 600_000)));
    }
    for (const suite of suites) {
      const root = new CleanRoot({ lab, suite, arch, release, folders });
      root.prepare();
      await this.#root(root, `${suite} ${arch}`, release, expected);
    }
  }

  async #root(
    root: CleanRoot,
    name: string,
    release: string,
    expected: ReadonlyMap<string, ReturnType<typeof analysed>>,
  ): Promise<void> {
    const { checks, minFaces } = this.#options;
    const foreign = await root.foreignPrograms();
    checks.report(foreign.length === 0, `${name}: without Node, npm, Python and compilers ${foreign.join(' ')}`);
    await this.#doctor(root, name);
    await this.#licences(root, name, release);
    let faces = 0;
    for (const [file, lines] of expected) {
      const inside = join(clipsInside, basename(file));
      const since = performance.now();
      const found = analysed(name, await root.mien(...this.#analyze(inside)));
      const compared = compareLabels(lines, found);
      faces += compared.faces;
      const took = `${((performance.now() - since) / 1000).toFixed(0)} s`;
      const distance = `largest difference ${compared.probability.toFixed(4)} and ${compared.pixels.toFixed(1)} px`;
      checks.report(
        compared.difference === undefined,
        `${name}: ${basename(file)}: ${compared.equal} of ${compared.faces} labels in ${compared.frames} frames as in the checkout, ${distance}, ${took} ${compared.difference ?? ''}`,
      );
    }
    checks.report(faces >= minFaces, `${name}: ${faces} faces were compared, at least ${minFaces}`);
  }

  async #doctor(root: CleanRoot, name: string): Promise<void> {
    const since = performance.now();
    const flags = ['camera.source=demo', 'mqtt.enabled=false'].flatMap((each) => ['--set', each]);
    const { stdout, stderr } = await root.mien('doctor', '--json', ...flags);
    const findings = parsed<{ findings: readonly { part: string; state: string; detail: string }[] }>(stdout)?.findings;
    const others = findings?.filter(({ state }) => state !== 'ok') ?? [];
    const seconds = ((performance.now() - since) / 1000).toFixed(0);
    this.#options.checks.report(
      findings !== undefined && findings.length > 0 && others.length === 0,
      `${name}: mien doctor: ${findings?.length ?? 0} findings, all ok, ${seconds} s ${findings ? others.map(({ part, detail }) => `${part}: ${detail}`).join('; ') : lastLine(stderr)}`,
    );
  }

  async #licences(root: CleanRoot, name: string, release: string): Promise<void> {
    interface Part {
      readonly name: string;
      readonly text: string;
    }
    const { stdout } = await root.mien('licenses', '--json');
    const parts = parsed<{ artifact: readonly Part[]; system: readonly Part[] }>(stdout);
    const has = (list: readonly Part[] | undefined, part: string) => list?.some((each) => each.name.startsWith(part));
    const absent = bundled.filter(
      (part) => !has(parts?.artifact, part) || parts?.system.some((each) => each.name === part),
    );
    const files = parts?.artifact.flatMap(({ text }) => text.match(/licences\/[\w.-]+\.txt|THIRD-PARTY/g) ?? []) ?? [];
    const lost = files.filter((file) => !existsSync(join(release, file)));
    this.#options.checks.report(
      absent.length === 0 && lost.length === 0 && files.length > 0,
      `${name}: mien licenses names ${bundled.join(', ')} as inside, with ${files.length} texts ${[...absent, ...lost].join(' ')}`,
    );
  }

  #analyze(file: string): readonly string[] {
    const { frames } = this.#options;
    const first = frames === undefined ? [] : ['--frames', String(frames)];
    return ['analyze', file, '--json', '--set', 'detect.detector=yunet', ...first];
  }
}

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
