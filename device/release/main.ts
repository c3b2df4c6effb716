/** `npm run package`: makes, signs and describes the archives of a release. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { describeError, MienError } from '../core/errors.ts';
import { packageRoot, packageVersion } from '../core/paths.ts';
import { asFileFault, SetupFault } from '../setup/fault.mjs';
import { createProgress } from '../setup/progress.mjs';
import { buildArchive } from './build.ts';
import { publish } from './publish.ts';
import { publicKeyText, readSecretKey, writeKeyPair } from './sign.ts';
import { type Arch, arches, targetOf } from './target.ts';
import { openWorkshop } from './workshop.ts';

interface BuildOptions {
  readonly arch: Arch;
  readonly out: string;
  readonly floor: string;
  readonly days: number;
  readonly jobs: number;
  readonly channel: string;
  readonly key?: string;
}

interface SignOptions {
  readonly key: string;
  readonly channel: string;
  readonly days: number;
}

const stop = new AbortController();
const progress = createProgress({ out: process.stderr, live: process.stderr.isTTY === true });

const program = new Command('npm run package --')
  .enablePositionalOptions()
  .description('Makes the self-contained archive of this version for one platform.')
  .addOption(new Option('--arch <arch>', 'platform').choices(arches).default(process.arch))
  .option('--out <dir>', 'folder for the archive', 'dist')
  .option('--floor <version>', 'oldest version that may be installed once this one is', '0.0.0')
  .option('--days <days>', 'the release is offered for so long after its commit', wholeNumber, 180)
  .option('--jobs <number>', 'compilers at once', wholeNumber, availableParallelism())
  .option('--channel <name>', 'channel that offers it', 'stable')
  .option('--key <file>', 'secret key of minisign: signs the archives of the folder')
  .action(build);
program
  .command('sign')
  .description('Signs the archives of a folder again, for some days from now.')
  .argument('<dir>')
  .requiredOption('--key <file>', 'secret key of minisign')
  .option('--channel <name>', 'channel that offers them', 'stable')
  .option('--days <days>', 'the metadata holds for so long', wholeNumber, 30)
  .action(async (dir: string, options: SignOptions) => {
    const { key: keyFile, ...rest } = options;
    const { version, expires } = await publish({ folder: resolve(dir), now: Date.now(), keyFile, ...rest });
    process.stdout.write(`${options.channel}: ${version} until ${expires}\n`);
  });
program
  .command('keygen')
  .description('Makes a key pair: FILE and FILE.pub.')
  .argument('<file>')
  .action((file: string) => {
    process.stdout.write(writeKeyPair(resolve(file), `${resolve(file)}.pub`));
  });

async function build({ arch, out, key, jobs, channel, ...order }: BuildOptions): Promise<void> {
  const folder = resolve(out);
  const publicKey = key === undefined ? undefined : publicKeyText(readSecretKey(key));
  const target = targetOf(arch, process.arch);
  const workshop = openWorkshop({ root: packageRoot, target, jobs, progress, signal: stop.signal });
  process.stdout.write(`${await buildArchive(workshop, { out: folder, publicKey, ...order })}\n`);
  if (key !== undefined) await publish({ folder, channel, keyFile: key, now: Date.now() });
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 9999.');
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(signal));
try {
  await program.version(packageVersion).parseAsync();
} catch (error) {
  const fault = error instanceof SetupFault ? error : asFileFault(error);
  if (fault === undefined && !(error instanceof MienError)) throw error;
  process.stderr.write(`${fault?.text ?? `mien: ${describeError(error)}`}\n`);
  process.exitCode = fault?.code ?? (error as MienError).code;
} finally {
  progress.close();
}
