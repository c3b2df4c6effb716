import type { StateMessage } from '../../../../device/contract/live.ts';
import type { Reading } from '../../../../device/core/types.ts';

/** A picture with the reading of the same frame. */
export interface Frame {
  readonly reading: Reading;
  readonly jpeg: Uint8Array<ArrayBuffer>;
}

/**
 * Parses a binary message: 4 bytes with the big-endian length of the head, the head as JSON, the JPEG.
 *
 * @throws Error with the fault of the message.
 */
export function parseFrame(message: ArrayBuffer): Frame {
  if (message.byteLength < 4) throw new Error(`a frame message of ${message.byteLength} bytes is too short`);
  const headLength = new DataView(message).getUint32(0);
  const end = 4 + headLength;
  if (end >= message.byteLength) {
    throw new Error(`a frame message of ${message.byteLength} bytes cannot hold a head of ${headLength} and a picture`);
  }
  const head: unknown = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, headLength)));
  if (!isRecord(head) || head.type !== 'frame' || !isReading(head.reading)) {
    throw new Error('a frame message whose head holds no reading');
  }
  return { reading: head.reading, jpeg: new Uint8Array(message, end) };
}

/**
 * Parses a text message. Unknown types come from a newer daemon, and are ignored.
 *
 * @throws Error if it is not JSON.
 */
export function parseState(text: string): StateMessage | undefined {
  const message: unknown = JSON.parse(text);
  if (!isRecord(message) || message.type !== 'state') return undefined;
  return typeof message.version === 'string' && isRecord(message.state)
    ? (message as unknown as StateMessage)
    : undefined;
}

function isReading(value: unknown): value is Reading {
  return (
    isRecord(value) && typeof value.width === 'number' && typeof value.height === 'number' && Array.isArray(value.faces)
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
