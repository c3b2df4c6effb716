import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isPasswordHash } from '../../config/access.ts';
import type { Config } from '../../config/schema.ts';
import { describeError, exitCode, MienError } from '../../core/errors.ts';
import { syncFolder } from '../../core/folder.ts';
import type { Log } from '../../core/log.ts';
import { hashPassword, isEqual } from './secrets.ts';

const fileName = 'claim.json';
/** Stands for the hash of a claim that cannot be read. No password matches it, and the device is not claimed again. */
const unreadable = 'unreadable';
const remedy = 'Delete it to claim the device again, or set http.passwordHash (mien access password)';

/**
 * The first operator of a device: whoever knows the claim code sets the password, once. The code is on the screen of the device and with
 * the person who provisioned it. From then on it is worth nothing. The password's hash is kept in the data folder, because the daemon
 * never writes its configuration.
 */
export class Claim {
  readonly #code: string | undefined;
  readonly #file: string;
  readonly #configured: string | undefined;
  readonly #isBehindProxy: boolean;
  #claimed: string | undefined;
  #isTaking = false;

  constructor(
    { http: { claimCode, passwordHash, trustedProxies }, dataDir }: Pick<Config, 'http' | 'dataDir'>,
    log: Log,
  ) {
    this.#code = claimCode;
    this.#configured = passwordHash;
    this.#isBehindProxy = trustedProxies.length > 0;
    this.#file = join(dataDir, fileName);
    if (claimCode !== undefined && passwordHash === undefined) this.#claimed = readHash(this.#file, log);
  }

  /** Hash of the operator's password, from the configuration or from the claim. */
  get passwordHash(): string | undefined {
    return this.#configured ?? this.#claimed;
  }

  /** The code while the device can be claimed. */
  get openCode(): string | undefined {
    return this.passwordHash === undefined ? this.#code : undefined;
  }

  /** The code for the screen of the device. None behind a proxy: a mistake in its headers would show the code to everybody. */
  get shownCode(): string | undefined {
    return this.#isBehindProxy ? undefined : this.openCode;
  }

  /**
   * Sets the password of the operator.
   *
   * @returns whether the code was right and the device not claimed yet
   * @throws MienError if the claim cannot be kept; the device stays unclaimed
   */
  async take(code: string, password: string): Promise<boolean> {
    const expected = this.openCode;
    if (expected === undefined || this.#isTaking || !isEqual(plain(code), plain(expected))) return false;
    // The hash takes a while, in which another claim could be right too.
    this.#isTaking = true;
    try {
      const hash = await hashPassword(password);
      this.#keep(hash);
      this.#claimed = hash;
      return true;
    } finally {
      this.#isTaking = false;
    }
  }

  #keep(passwordHash: string): void {
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(`${this.#file}.new`, `${JSON.stringify({ passwordHash })}\n`, { mode: 0o600, flush: true });
      renameSync(`${this.#file}.new`, this.#file);
      // Without it a power cut may undo the claim, and the code is worth something again.
      syncFolder(dirname(this.#file));
    } catch (cause) {
      throw new MienError(`The claim cannot be kept in ${this.#file}: ${describeError(cause)}`, {
        code: exitCode.cannotWrite,
        remedy: 'Check that the data folder can be written, and has free space',
        cause,
      });
    }
  }
}

/** People write codes with and without the dash, and in small letters. */
function plain(code: string): string {
  return code.toUpperCase().replace(/[\s-]/g, '');
}

/** @returns the hash of an earlier claim; undefined without one */
function readHash(file: string, log: Log): string | undefined {
  try {
    const [, hash = ''] = /"passwordHash":"([^"]+)"/.exec(readFileSync(file, 'utf8')) ?? [];
    if (isPasswordHash(hash)) return hash;
    log.error(`${file} holds no hash of a password. ${remedy}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    log.error(`${file} cannot be read: ${describeError(error)}. ${remedy}`);
  }
  return unreadable;
}
