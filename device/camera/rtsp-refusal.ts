import { connect as dial, type Socket } from 'node:net';
import { connect as dialTls } from 'node:tls';
import type { MienError } from '../core/errors.ts';
import { authorizationFor, credentialsOf } from './http-auth.ts';
import { checkAddressRemedy, codeOf, noVideo, refusal } from './http-request.ts';

/** Short, because the failed opening has already waited for the camera. */
const maxWaitMs = 3000;
const maxHeadBytes = 16_384;

/**
 * Finds the reason why an RTSP camera delivers no video, because OpenCV does not pass on FFmpeg's. Sends DESCRIBE (RFC
 * 2326, 10.2), which starts no stream, and logs in where the camera requires it.
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

/** Status of the answer to DESCRIBE; undefined where the answer is not RTSP. */
async function describe(url: URL, waitMs: number): Promise<number | undefined> {
  // One connection for both requests: some cameras accept a login only on the connection of the challenge.
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
  /** All `WWW-Authenticate` headers joined: cameras offer Digest and Basic in one header each. */
  readonly challenge: string;
}

async function sendRequest(socket: Socket, request: string, waitMs: number): Promise<Answer | undefined> {
  socket.write(request);
  const head = await headOf(socket, waitMs);
  // The first bytes may be the body of the previous answer.
  const status = /^RTSP\/\d\.\d (\d{3})/m.exec(head)?.[1];
  if (status === undefined) return undefined;
  const challenges = [...head.matchAll(/^WWW-Authenticate:\s*(.*)$/gim)].map(([, challenge]) => challenge!.trim());
  return { status: Number(status), challenge: challenges.join(', ') };
}

/** The head of the next answer, or the part that arrived before the connection closed. */
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
  // Not checked, as for pictures over HTTP: nearly all cameras have self-signed certificates.
  return isTls ? dialTls({ host, port, rejectUnauthorized: false }) : dial({ host, port });
}
