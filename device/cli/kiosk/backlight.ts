import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProgramOutcome, runProgram } from '../../core/run-program.ts';

const limitMs = 5000;

/**
 * The backlight of a panel, such as Raspberry Pi's own displays. An HDMI screen has none: no released version of cage can switch an
 * output off without losing its window.
 */
export class Backlight {
  readonly #folder: string;
  readonly #program: string;
  #isOn: boolean | undefined;
  /** The brightness before it was switched off, by the name of the device. */
  readonly #before = new Map<string, number>();

  /**
   * @param folder of the kernel, with one folder per backlight
   * @param program busctl(1) of systemd
   */
  constructor(folder = '/sys/class/backlight', program = 'busctl') {
    this.#folder = folder;
    this.#program = program;
  }

  /**
   * Switches every backlight on or off.
   *
   * @returns why one of them could not be switched; undefined if all could, or there is none. Switching on is tried again at the next
   * call, switching off is not: a screen that stays bright does no harm
   */
  async switch(isOn: boolean): Promise<string | undefined> {
    if (isOn === this.#isOn) return undefined;
    this.#isOn = isOn;
    const faults = await Promise.all(this.#names().map((name) => (isOn ? this.#on(name) : this.#off(name))));
    const fault = faults.find((each) => each !== undefined);
    if (fault !== undefined && isOn) this.#isOn = undefined;
    return fault;
  }

  async #off(name: string): Promise<string | undefined> {
    const level = this.#read(name, 'brightness');
    if (level > 0) this.#before.set(name, level);
    return this.#set(name, 0);
  }

  /** A backlight that is lit keeps its brightness. */
  async #on(name: string): Promise<string | undefined> {
    if (this.#read(name, 'brightness') > 0) return undefined;
    return this.#set(name, this.#before.get(name) ?? this.#read(name, 'max_brightness'));
  }

  /** logind does it for the session that owns the screen, so this user needs no rights on files of the kernel. */
  async #set(name: string, level: number): Promise<string | undefined> {
    const session = [
      'org.freedesktop.login1',
      '/org/freedesktop/login1/session/auto',
      'org.freedesktop.login1.Session',
    ];
    const call = ['SetBrightness', 'ssu', 'backlight', name, String(level)];
    return faultOf(await runProgram(this.#program, ['call', ...session, ...call], limitMs));
  }

  #names(): string[] {
    return existsSync(this.#folder) ? readdirSync(this.#folder) : [];
  }

  #read(name: string, file: string): number {
    return Number(readFileSync(join(this.#folder, name, file), 'utf8'));
  }
}

function faultOf({ code, stderr }: ProgramOutcome): string | undefined {
  if (code === 0) return undefined;
  return stderr.trim() || (code === undefined ? 'busctl could not be started' : `busctl ended with code ${code}`);
}
