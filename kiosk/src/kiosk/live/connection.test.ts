import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type ConnectionDeps, LiveConnection, type Socket, silenceMs } from './connection.ts';

class FakeSocket implements Socket {
  binaryType = '';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  close(): void {
    this.closed = true;
  }
  state(): void {
    this.onmessage?.({ data: JSON.stringify({ type: 'state', version: '1', state: {} }) });
  }
}

function connect() {
  const sockets: FakeSocket[] = [];
  const connected: boolean[] = [];
  const deps = {
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    onFrame: vi.fn(),
    onState: vi.fn(),
    onConnected: (value: boolean) => connected.push(value),
    onFault: vi.fn(),
  } satisfies ConnectionDeps;
  const connection = new LiveConnection(deps);
  connection.start();
  return { sockets, connected, deps, connection };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the live connection', () => {
  test('reconnects after each loss, with pauses that grow to five seconds', () => {
    const { sockets } = connect();
    for (const [index, pause] of [250, 500, 1000, 2000, 5000, 5000].entries()) {
      sockets[index]!.onclose?.();
      vi.advanceTimersByTime(pause - 1);
      expect(sockets).toHaveLength(index + 1);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(index + 2);
    }
  });

  test('a state means connected and makes the next pause short again', () => {
    const { sockets, connected } = connect();
    sockets[0]!.onclose?.();
    vi.advanceTimersByTime(250);
    sockets[1]!.onclose?.();
    vi.advanceTimersByTime(500);
    expect(connected).toEqual([false, false]);
    sockets[2]!.state();
    expect(connected.at(-1)).toBe(true);
    sockets[2]!.onclose?.();
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(4);
  });

  test('a silent daemon counts as gone', () => {
    const { sockets, connected } = connect();
    sockets[0]!.state();
    vi.advanceTimersByTime(silenceMs - 1);
    expect(connected.at(-1)).toBe(true);
    vi.advanceTimersByTime(1);
    expect(connected.at(-1)).toBe(false);
    expect(sockets[0]!.closed).toBe(true);
    vi.advanceTimersByTime(250);
    expect(sockets).toHaveLength(2);
  });

  test('messages of an old socket are ignored', () => {
    const { sockets, deps } = connect();
    const old = sockets[0]!;
    old.onclose?.();
    old.state();
    expect(deps.onState).not.toHaveBeenCalled();
  });

  test('an invalid message is reported, and the connection stays', () => {
    const { sockets, deps } = connect();
    sockets[0]!.onmessage?.({ data: new ArrayBuffer(2) });
    sockets[0]!.onmessage?.({ data: '{' });
    expect(deps.onFault).toHaveBeenCalledTimes(2);
    sockets[0]!.state();
    expect(deps.onState).toHaveBeenCalledOnce();
    expect(sockets).toHaveLength(1);
  });

  test('stop is final', () => {
    const { sockets, connection } = connect();
    connection.stop();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
    expect(sockets[0]!.closed).toBe(true);
  });
});
