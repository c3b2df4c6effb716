import { describe, expect, test } from 'vitest';
import type { LiveKind, LiveSource } from '../../core/live.ts';
import type { LiveFrame } from '../../core/types.ts';
import { frameMessage, mjpegPart } from './frame-message.ts';
import { Viewers } from './viewers.ts';

let now = 0;

class Source implements LiveSource {
  readonly listeners: Array<{ kind: LiveKind; listener: (frame: LiveFrame) => void }> = [];

  subscribe(kind: LiveKind, listener: (frame: LiveFrame) => void): () => void {
    const entry = { kind, listener };
    this.listeners.push(entry);
    return () => {
      this.listeners.splice(this.listeners.indexOf(entry), 1);
    };
  }

  emit(number: number): void {
    const one = frame(number);
    for (const { listener } of this.listeners) listener(one);
  }
}

function frame(number: number): LiveFrame {
  return {
    reading: { frame: number, t: 0, ts: number, mono: number, width: 4, height: 3, faces: [], happyShare: null },
    jpeg: Uint8Array.of(0xff, 0xd8, number),
  };
}

describe('viewers', () => {
  test('the source has a subscription while a viewer of that kind is open', () => {
    const source = new Source();
    const viewers = new Viewers(source, () => now);
    expect(source.listeners).toHaveLength(0);
    const viewer = viewers.open('annotated');
    expect(source.listeners.map(({ kind }) => kind)).toEqual(['annotated']);
    viewer.close();
    viewer.close();
    expect(source.listeners).toHaveLength(0);
    expect(viewers.counts.viewers).toBe(0);
  });

  test('a waiting viewer gets the next frame; a late one gets the newest, and the others are dropped', async () => {
    const source = new Source();
    const viewers = new Viewers(source, () => now);
    const fast = viewers.open('plain');
    const slow = viewers.open('plain');
    const seen: number[] = [];
    for (let number = 1; number <= 5; number += 1) {
      const next = fast.next();
      source.emit(number);
      seen.push((await next)?.reading.frame ?? -1);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5]);
    expect((await slow.next())?.reading.frame).toBe(5);
    expect([fast.dropped, slow.dropped]).toEqual([0, 4]);
    expect(viewers.counts).toEqual({ viewers: 2, delivered: 6, dropped: 4 });
  });

  test('a frame is never given twice', async () => {
    const source = new Source();
    const viewer = new Viewers(source, () => now).open('plain');
    source.emit(1);
    await viewer.next();
    const second = viewer.next();
    source.emit(2);
    expect((await second)?.reading.frame).toBe(2);
  });

  test('closing ends a wait, and nothing follows', async () => {
    const source = new Source();
    const viewer = new Viewers(source, () => now).open('plain');
    const waiting = viewer.next();
    viewer.close();
    expect(await waiting).toBeUndefined();
    expect(await viewer.next()).toBeUndefined();
  });

  test('a second call of next() during the first throws', () => {
    const viewer = new Viewers(new Source(), () => now).open('plain');
    void viewer.next();
    expect(() => viewer.next()).toThrow('one caller at a time');
  });
});

describe('messages', () => {
  test('viewers of one frame share its messages', async () => {
    const source = new Source();
    const viewers = new Viewers(source, () => now);
    const both = [viewers.open('plain'), viewers.open('plain')];
    source.emit(7);
    const [first, second] = await Promise.all(both.map(async (viewer) => (await viewer.next())!));
    expect(frameMessage(first!)).toBe(frameMessage(second!));
    expect(mjpegPart(first!)).toBe(mjpegPart(second!));
  });

  test('a message has head and picture of one frame, and is made once for all viewers', () => {
    const one = frame(7);
    const message = Buffer.from(frameMessage(one));
    const length = message.readUInt32BE(0);
    expect(JSON.parse(message.subarray(4, 4 + length).toString())).toEqual({ type: 'frame', reading: one.reading });
    expect([...message.subarray(4 + length)]).toEqual([0xff, 0xd8, 7]);
    expect(frameMessage(one)).toBe(frameMessage(one));
  });

  test('an MJPEG part says its length and is closed by the boundary', () => {
    const text = Buffer.from(mjpegPart(frame(7))).toString('latin1');
    expect(text).toMatch(/^Content-Type: image\/jpeg\r\nContent-Length: 3\r\n/);
    expect(text.endsWith('\xff\xd8\x07\r\n--mien-frame\r\n')).toBe(true);
  });
});

test('a viewer with a lower rate gets the newest frame at that rate; the others get every frame', () => {
  const source = new Source();
  const viewers = new Viewers(source, () => now);
  const [all, some] = [viewers.open('plain'), viewers.open('plain', 5)];
  for (let frame = 0; frame < 60; frame += 1) {
    now = frame * (1000 / 30);
    source.emit(frame);
  }
  expect(all.dropped).toBe(59);
  expect(some.dropped).toBe(10);
});
