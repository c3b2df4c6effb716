import { connect as dial, type Socket } from 'node:net';
import { connect as dialTls } from 'node:tls';
import type { MienError } from '../core/errors.ts';
import { authorizationFor, credentialsOf } from './http-auth.ts';
import { checkAddressRemedy, codeOf, noVideo, refusal } from './http-request.ts';

/** The camera has already been waited for once. */
const maxWaitMs = 3000;
const maxHeadBytes = 16_384;

/**
 * Finds out why an RTSP camera gives no video: FFmpeg knows, and OpenCV throws without a reason. Asks with DESCRIBE (RFC 2326,
 * 10.2), which starts no stream, and logs in where the camera asks for that.
 *
 * @param maskedUrl the address without its secrets
 */
export async function explainRtspFailure(url: string, maskedUrl: string, stallMs: number): Promise<MienError> {
  const waitMs = Math.min(stallMs, maxWaitMs);
  try {
    const status = await describe(new URL(url), waitMs);
    if (status === undefined) return noVideo(maskedUrl, 'what answers there does not speak RTSP', checkAddressRemedy);
    if (status >= 300) return refusal(maskedUrl, status, credentialsOf(new URL(url)) !== undefined);
  } catch (error) {
    return noVideo(maskedUrl, reasonOf(error, waitMs), checkAddressRemedy);
  }
  return noVideo(maskedUrl, 'it describes a stream, and no picture of it came', tryTransport);
}

const tryTransport = 'Set camera.rtspTransport to tcp or udp; or try another stream of the camera, in H.264';

function reasonOf(error: unknown, waitMs: number): string {
  const code = codeOf(error);
  return code === 'no answer' ? `no answer within ${waitMs / 1000} s` : `nothing answers there, ${code}`;
}

/** Status of the answer to DESCRIBE; undefined where it is no answer of RTSP. */
async function describe(url: URL, waitMs: number): Promise<number | undefined> {
  // One connection: some cameras take a login only on the one where they asked for it.
  const socket = socketTo(url);
  try {
    // FFmpeg sends neither user nor password in the request line.
    const uri = `${url.protocol}//${url.host}${url.pathname}${url.search}`;
    const credentials = credentialsOf(url);
    const first = await sendRequest(socket, requestOf(uri, 1), waitMs);
    if (first?.status !== 401 || !credentials) return first?.status;
    const authorization = authorizationFor(first.challenge, credentials, { method: 'DESCRIBE', uri });
    if (authorization === undefined) return first.status;
    return (await sendRequest(socket, requestOf(uri, 2, authorization), waitMs))?.status;
  } finally {
    socket.destroy();
  }
}

function requestOf(uri: string, cseq: number, authorization?: string): string {
  const lines = [`DESCRIBE ${uri} RTSP/1.0`, `CSeq: ${cseq}`, 'Accept: application/sdp', 'User-Agent: Mien'];
  return [...lines, ...(authorization === undefined ? [] : [`Authorization: ${authorization}`]), '', ''].join('\r\n');
}

interface Answer {
  readonly status: number;
  /** All `WWW-Authenticate` headers: cameras offer Digest and Basic in one each. */
  readonly challenge: string;
}

async function sendRequest(socket: Socket, request: string, waitMs: number): Promise<Answer | undefined> {
  socket.write(request);
  const head = await headOf(socket, waitMs);
  // What comes first may be the body of the answer before.
  const status = /^RTSP\/\d\.\d (\d{3})/m.exec(head)?.[1];
  if (status === undefined) return undefined;
  const challenges = [...head.matchAll(/^WWW-Authenticate:\s*(.*)$/gim)].map(([, challenge]) => challenge!.trim());
  return { status: Number(status), challenge: challenges.join(', ') };
}

/** The head of the next answer, or as much as came before the other side closed. */
function headOf(socket: Socket, waitMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let head = '';
    const finish = () => {
      socket.removeAllListeners().on('error', () => {});
      resolve(head);
    };
    socket.setTimeout(waitMs, () => reject(new Error('no answer')));
    socket.on('error', reject);
    socket.on('close', finish);
    socket.on('data', (bytes: Buffer) => {
      head += bytes.toString('latin1');
      if (head.includes('\r\n\r\n') || head.length > maxHeadBytes) finish();
    });
  });
}

function socketTo(url: URL): Socket {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const isTls = url.protocol === 'rtsps:';
  const port = Number(url.port) || (isTls ? 322 : 554);
  // As for pictures over HTTP: certificates of cameras are nearly all self-signed.
  return isTls ? dialTls({ host, port, rejectUnauthorized: false }) : dial({ host, port });
}
