import { type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { exitCode, MienError } from '../core/errors.ts';
import { authorizationFor, credentialsOf } from './http-auth.ts';

const maxRedirects = 4;

/**
 * One-line error with the reason why an address delivers no pictures. `maskedUrl` is the address without its secrets.
 */
export function noVideo(maskedUrl: string, reason: string, remedy: string): MienError {
  return new MienError(`No video from ${maskedUrl} (${reason})`, { code: exitCode.unavailable, remedy });
}

export const checkAddressRemedy = 'Check address, user and password of the stream, for example with: ffprobe URL';

export interface Camera {
  readonly url: URL;
  /** The address without its secrets, for messages. */
  readonly maskedUrl: string;
  /** Deadline for the headers of an answer, in ms. */
  readonly stallMs: number;
}

/**
 * Requests pictures from a camera. Follows redirects to paths on the same origin, and logs in when the camera requires
 * it. Redirects to another host are refused: the device contacts only hosts that its configuration names.
 *
 * @throws MienError (unavailable) with the reason
 */
export async function getFromCamera(
  { url, maskedUrl, stallMs: deadlineMs }: Camera,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), deadlineMs);
  try {
    return await followRedirects(url, { maskedUrl, deadlineMs, deadline: deadline.signal, signal });
  } finally {
    // The deadline covers the headers only, not the pictures after them.
    clearTimeout(timer);
  }
}

interface Limits {
  readonly maskedUrl: string;
  readonly deadlineMs: number;
  readonly deadline: AbortSignal;
  readonly signal: AbortSignal;
}

async function followRedirects(
  url: URL,
  { maskedUrl, deadlineMs, deadline, signal }: Limits,
): Promise<IncomingMessage> {
  const credentials = credentialsOf(url);
  let target = url;
  let authorization: string | undefined;
  for (let count = 0; count <= maxRedirects; count++) {
    const answer = await sendRequest(target, authorization, AbortSignal.any([signal, deadline])).catch(
      (error: unknown) => {
        if (signal.aborted) throw noVideo(maskedUrl, 'it was stopped', checkAddressRemedy);
        if (deadline.aborted)
          throw noVideo(
            maskedUrl,
            `no answer within ${deadlineMs / 1000} s`,
            `${checkAddressRemedy}; or raise camera.stallMs`,
          );
        throw noVideo(maskedUrl, `nothing answers there, ${codeOf(error)}`, checkAddressRemedy);
      },
    );
    const { statusCode = 0, headers } = answer;
    if (statusCode >= 200 && statusCode < 300) return answer;
    answer.destroy();
    const challenge = headers['www-authenticate'];
    if (statusCode === 401 && credentials && !authorization && challenge) {
      authorization = authorizationFor(challenge, credentials, { method: 'GET', uri: pathOf(target) });
      if (authorization) continue;
    }
    if (statusCode < 300 || statusCode >= 400 || !headers.location)
      throw refusal(maskedUrl, statusCode, Boolean(credentials));
    target = redirected(target, headers.location, maskedUrl);
    authorization = undefined;
  }
  throw noVideo(maskedUrl, `it redirects more than ${maxRedirects} times`, checkAddressRemedy);
}

function redirected(from: URL, location: string, maskedUrl: string): URL {
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to?.origin === from.origin) return to;
  const where = to ? to.origin : 'no address';
  throw noVideo(maskedUrl, `it redirects to ${where}`, 'Set camera.source to that address if it is the camera');
}

/** The error for an HTTP or RTSP status that is not a success. */
export function refusal(maskedUrl: string, status: number, hasCredentials: boolean): MienError {
  if (status === 401 && !hasCredentials) {
    const remedy = 'Write them into the address: scheme://user:password@host/path';
    return noVideo(maskedUrl, 'it requires user and password, status 401', remedy);
  }
  if (status === 401) return noVideo(maskedUrl, 'user or password is wrong, status 401', 'Correct them in the address');
  if (status === 403)
    return noVideo(maskedUrl, 'it does not allow that, status 403', "Check this user's rights at the camera");
  if (status === 404)
    return noVideo(maskedUrl, 'there is nothing at this path, status 404', 'Correct the path of the address');
  return noVideo(maskedUrl, `it answers with status ${status}`, checkAddressRemedy);
}

function sendRequest(url: URL, authorization: string | undefined, signal: AbortSignal): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { ...target(url), agent: false, signal, insecureHTTPParser: true, rejectUnauthorized: false },
      (answer) => {
        // The reader reports the end of the answer. Until it is attached, an error must not end this process.
        answer.on('error', () => {});
        resolve(answer);
      },
    );
    outgoing.setHeader('Accept', '*/*');
    outgoing.setHeader('Accept-Encoding', 'identity');
    if (authorization !== undefined) outgoing.setHeader('Authorization', authorization);
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/**
 * The request target without user and password, which are sent only after a challenge. Certificates are not checked:
 * nearly all cameras have self-signed ones, and FFmpeg does not check them either.
 */
function target(url: URL) {
  const hostname = url.hostname.replace(/^\[|\]$/g, '');
  return { protocol: url.protocol, hostname, port: url.port, path: pathOf(url) };
}

function pathOf({ pathname, search }: URL): string {
  return `${pathname}${search}`;
}

export function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
