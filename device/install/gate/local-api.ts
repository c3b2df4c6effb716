import { type RequestOptions, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Config } from '../../config/schema.ts';
import { exitCode, MienError } from '../../core/errors.ts';

/** Longest wait for an answer, in ms. */
const answerMs = 5000;
const maxBytes = 1_000_000;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The API of the daemon on this device. */
export class LocalApi {
  readonly #http: Config['http'];

  constructor(http: Config['http']) {
    if (http.port === 0) {
      throw new MienError('http.port: expected a port that stays, got 0', {
        code: exitCode.config,
        remedy: 'Set http.port in mien.yaml, such as 8080',
      });
    }
    this.#http = http;
  }

  /** `http://127.0.0.1:8080/` */
  get url(): string {
    const { port } = this.#http;
    return `${this.#isEncrypted ? 'https' : 'http'}://${this.#address.includes(':') ? `[${this.#address}]` : this.#address}:${port}/`;
  }

  /** @throws Error if there is no answer, or one that is no JSON */
  get(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = (this.#isEncrypted ? requestHttps : requestHttp)(this.#options(path), (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > maxBytes) request.destroy(new Error(`expected at most ${maxBytes} bytes`));
          else chunks.push(chunk);
        });
        response.on('end', () => {
          try {
            resolve({ status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) });
          } catch {
            reject(new Error(`expected JSON from ${this.url}${path}`));
          }
        });
      });
      request.on('error', reject);
      request.end();
    });
  }

  get #isEncrypted(): boolean {
    return this.#http.tls.cert !== undefined;
  }

  get #address(): string {
    const { host } = this.#http;
    if (host === '0.0.0.0' || host === 'localhost') return '127.0.0.1';
    return host === '::' ? '::1' : host;
  }

  #options(path: string): RequestOptions & { rejectUnauthorized: boolean } {
    const { port, token, viewerToken } = this.#http;
    const secret = viewerToken ?? token;
    return {
      host: this.#address,
      port,
      path: `/${path}`,
      headers: { accept: 'application/json', ...(secret && { authorization: `Bearer ${secret}` }) },
      agent: false,
      signal: AbortSignal.timeout(answerMs),
      // It is this device, and its certificate names it as others see it.
      rejectUnauthorized: false,
    };
  }
}
