import { describe, expect, test } from 'vitest';
import { parseFrame, parseState } from './frame.ts';

const reading = { frame: 7, t: 0.2, ts: 1, mono: 1, width: 640, height: 480, faces: [] };

function message(head: unknown, picture: readonly number[], headLength?: number): ArrayBuffer {
  const json = new TextEncoder().encode(typeof head === 'string' ? head : JSON.stringify(head));
  const bytes = new Uint8Array(4 + json.length + picture.length);
  new DataView(bytes.buffer).setUint32(0, headLength ?? json.length);
  bytes.set(json, 4);
  bytes.set(picture, 4 + json.length);
  return bytes.buffer;
}

describe('parseFrame', () => {
  test('returns the reading and the bytes of its picture', () => {
    const frame = parseFrame(message({ type: 'frame', reading: { ...reading, note: 'größer' } }, [0xff, 0xd8, 9]));
    expect(frame.reading).toMatchObject({ frame: 7, note: 'größer' });
    expect([...frame.jpeg]).toEqual([0xff, 0xd8, 9]);
  });

  test.each([
    ['three bytes', new ArrayBuffer(3), 'too short'],
    ['a head longer than the message', message({ type: 'frame', reading }, [1], 9999), 'cannot hold a head of 9999'],
    ['no picture', message({ type: 'frame', reading }, []), 'cannot hold'],
    ['another type', message({ type: 'sound', reading }, [1]), 'holds no reading'],
    ['no faces', message({ type: 'frame', reading: { ...reading, faces: undefined } }, [1]), 'holds no reading'],
    ['a head that is no JSON', message('{', [1]), 'JSON'],
  ])('%s is refused', (_name, bytes, expected) => {
    expect(() => parseFrame(bytes)).toThrow(expected);
  });
});

describe('parseState', () => {
  test('reads a state, and ignores other types', () => {
    expect(parseState('{"type":"state","version":"1","state":{}}')).toMatchObject({ version: '1' });
    expect(parseState('{"type":"weather"}')).toBeUndefined();
    expect(parseState('{"type":"state","version":1}')).toBeUndefined();
    expect(parseState('null')).toBeUndefined();
    expect(() => parseState('not json')).toThrow();
  });
});
