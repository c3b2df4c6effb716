import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { expect, test } from 'vitest';
import { openConnections } from './connections.ts';

class FakeSocket extends EventEmitter {
  readonly remoteAddress: string;
  readonly remotePort: number;
  destroyed = false;

  constructor(remoteAddress: string, remotePort: number) {
    super();
    this.remoteAddress = remoteAddress;
    this.remotePort = remotePort;
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

function connections(trustedProxies: readonly string[] = []) {
  const server = new EventEmitter();
  const open = openConnections(server as Server, trustedProxies);
  let port = 40_000;
  const connect = (address: string, hasLoggedIn = false) => {
    const socket = new FakeSocket(address, port++);
    server.emit('connection', socket);
    if (hasLoggedIn) open.keep(address, socket.remotePort);
    return socket;
  };
  const connectMany = (address: string, count: number, hasLoggedIn = false) =>
    Array.from({ length: count }, () => connect(address, hasLoggedIn));
  const openOf = (sockets: readonly FakeSocket[]) => sockets.filter(({ destroyed }) => !destroyed).length;
  return { open, connect, connectMany, openOf };
}

test('one machine has at most 100 connections: a new one replaces its oldest', () => {
  const { connect, connectMany, openOf } = connections();
  const held = connectMany('192.168.1.7', 100);
  const other = connect('192.168.1.8');
  expect(connect('192.168.1.7').destroyed).toBe(false);
  expect([held[0]!.destroyed, other.destroyed]).toEqual([true, false]);
  expect(openOf(held)).toBe(99);
});

test('connections with a login stay; a machine with 100 of these gets no more', () => {
  const { connect, connectMany, openOf } = connections();
  const held = connectMany('192.168.1.7', 100, true);
  expect(connect('192.168.1.7').destroyed).toBe(true);
  expect(openOf(held)).toBe(100);
  held[0]!.destroy();
  expect(connect('192.168.1.7').destroyed).toBe(false);
});

test('at 500 connections, a new one replaces the oldest without a login; the device itself is always admitted', () => {
  const { open, connect, connectMany, openOf } = connections();
  const strangers = [1, 2, 3, 4, 5].flatMap((host) => connectMany(`203.0.113.${host}`, 100));
  const people = connectMany('192.168.1.9', 50, true);
  expect([openOf(people), openOf(strangers)]).toEqual([50, 450]);
  connectMany('203.0.113.6', 100);
  expect(openOf(people)).toBe(50);
  expect(open.all.size).toBe(500);
  for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) expect(openOf(connectMany(address, 200))).toBe(200);
  expect(connect('192.168.1.9', true).destroyed).toBe(false);
});

test('a /64 of IPv6 counts as one machine, a trusted proxy as many', () => {
  const { connectMany, openOf } = connections(['192.168.1.2']);
  const held = Array.from({ length: 300 }, (_, host) => connectMany(`2001:db8::${host.toString(16)}`, 1)[0]!);
  expect(openOf(held)).toBe(100);
  expect(openOf(connectMany('192.168.1.2', 300))).toBe(300);
});
