import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { findProgram } from '../hub/engine.ts';

const run = promisify(execFile);
const largestPicture = 16_000_000;

/** Colours on the screen: a page without the live picture has 1,000 to 1,800, a page with an empty room 3,100 and more. */
const coloursOfPicture = 2500;

/** A virtual X screen on which the compositor opens its window. */
export class VirtualScreen {
  readonly #process: ChildProcess;
  readonly #import: string;
  /** `:N`, the value of DISPLAY. */
  readonly display: string;

  private constructor(child: ChildProcess, display: string, importer: string) {
    this.#process = child;
    this.display = display;
    this.#import = importer;
  }

  static async start(): Promise<VirtualScreen> {
    const remedy = 'Install it with: apt-get install xvfb imagemagick';
    const importer = findProgram('import', [], remedy);
    const command = ['-displayfd', '3', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'];
    const child = spawn(findProgram('Xvfb', [], remedy), command, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
    process.on('exit', () => child.kill('SIGKILL'));
    const [number] = (await once(child.stdio[3]!, 'data')) as [Buffer];
    return new VirtualScreen(child, `:${number.toString().trim()}`, importer);
  }

  /** Whether the page shows the live picture: many colours, and some of them change within 0.5 s. */
  async showsLivePage(): Promise<boolean> {
    const before = await this.#pixels();
    if (colours(before) < coloursOfPicture) return false;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return !before.equals(await this.#pixels());
  }

  /** Mean brightness of the screen, 0 (black) to 255. */
  async brightness(): Promise<number> {
    const pixels = await this.#pixels();
    return pixels.reduce((sum, each) => sum + each, 0) / pixels.length;
  }

  /** Writes what the screen shows. */
  async save(file: string): Promise<void> {
    await run(this.#import, ['-window', 'root', '-display', this.display, file]);
  }

  stop(): void {
    this.#process.kill('SIGKILL');
  }

  async #pixels(): Promise<Buffer> {
    const command = ['-window', 'root', '-display', this.display, '-depth', '8', 'rgb:-'];
    const { stdout } = await run(this.#import, command, { encoding: 'buffer', maxBuffer: largestPicture });
    return stdout;
  }
}

function colours(pixels: Buffer): number {
  const seen = new Set<number>();
  for (let at = 0; at + 3 <= pixels.length; at += 3) seen.add(pixels.readUIntBE(at, 3));
  return seen.size;
}
