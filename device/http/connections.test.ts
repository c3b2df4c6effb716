import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, test } from 'vitest';
import { openConnections } from './connections.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  destroyed = false;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function connections() {
  const server = new EventEmitter();
  const open = openConnections(server as Server);
  const connect = (address: string) => {
    const socket = new FakeSocket(address);
    server.emit('connection', socket);
    return socket;
  };
  const connectMany = (address: string, count: number) => Array.from({ length: count }, () => connect(address));
  return { open, connect, connectMany };
}

test('one machine holds 100 connections and no more; who leaves makes room', () => {
  const { connect, connectMany } = connections();
  const [first] = connectMany('192.168.1.7', 100);
  expect(connect('192.168.1.7').destroyed).toBe(true);
  expect(connect('192.168.1.8').destroyed).toBe(false);
  first!.destroy();
  expect(connect('192.168.1.7').destroyed).toBe(false);
  expect(connect('192.168.1.7').destroyed).toBe(true);
});

test('all others together hold 500; the device itself is let in', () => {
  const { open, connect, connectMany } = connections();
  for (let host = 1; host <= 5; host += 1) connectMany(`192.168.1.${host}`, 100);
  expect(connect('192.168.1.9').destroyed).toBe(true);
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
    expect(connectMany(address, 200).some(({ destroyed }) => destroyed)).toBe(false);
  }
  expect(open.size).toBe(1100);
});
