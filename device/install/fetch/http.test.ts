import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { download, get } from './http.ts';

const content = Buffer.from(Array.from({ length: 50_000 }, (_, at) => at % 251));
const limits = { silenceMs: 300, pausesMs: [1, 1, 1] };
const to = join(scratchFolder(), 'archive');

let server: Server;
let base: URL;
let ranges: (string | undefined)[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

beforeEach(async () => {
  ranges = [];
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mien/`);
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const url = () => new URL('archive', base);
const sendFrom = (response: ServerResponse, from: number, upTo = content.length) => {
  response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
  response.write(content.subarray(from, upTo));
};
const startOf = ({ headers }: IncomingMessage) => Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);

test('a download that is cut goes on where it ended', async () => {
  answer = (request, response) => {
    const from = startOf(request);
    sendFrom(response, from, from + 20_000);
    // A moment for the bytes to arrive, then the connection breaks.
    if (from + 20_000 < content.length) setTimeout(() => response.destroy(), 20);
    else response.end();
  };
  await download(url(), content.length, to, limits);
  expect(readFileSync(to)).toEqual(content);
  expect(ranges).toEqual([undefined, 'bytes=20000-', 'bytes=40000-']);
});

test('a download of an earlier run is continued', async () => {
  writeFileSync(`${to}.part`, content.subarray(0, 49_000));
  answer = (request, response) => {
    sendFrom(response, startOf(request));
    response.end();
  };
  await download(url(), content.length, to, limits);
  expect(readFileSync(to)).toEqual(content);
  expect(ranges).toEqual(['bytes=49000-']);
});

test('a server without ranges sends everything again', async () => {
  writeFileSync(`${to}.part`, 'of another release');
  answer = (_request, response) => response.end(content);
  await download(url(), content.length, to, limits);
  expect(readFileSync(to)).toEqual(content);
});

test('more bytes than announced are refused', async () => {
  answer = (_request, response) => response.end(content);
  await expect(download(url(), 40_000, to, limits)).rejects.toThrow('/mien/archive: expected 40000 bytes, got more');
  await expect(get(url(), 40_000, limits)).rejects.toThrow('expected at most 40000 bytes, got more');
});

test('a server that falls silent is given up after the last try', async () => {
  answer = (_request, response) => response.writeHead(200).write('a');
  await expect(get(url(), 100, limits)).rejects.toThrow('/mien/archive cannot be read: no data for 0.3 s');
  expect(ranges).toHaveLength(4);
});

test('a server that answers nothing is given up', async () => {
  answer = () => {};
  await expect(get(url(), 100, { ...limits, pausesMs: [] })).rejects.toThrow('cannot be read: no answer for 0.3 s');
});

test('a missing file is final, a fault of the server is not', async () => {
  answer = (_request, response) => response.writeHead(404).end();
  await expect(get(url(), 100, limits)).rejects.toThrow('/mien/archive: status 404');
  expect(ranges).toHaveLength(1);
  answer = (_request, response) => (ranges.length < 4 ? response.writeHead(503).end() : response.end('there'));
  expect((await get(url(), 100, limits)).toString()).toBe('there');
});

test('a redirect is followed on the same host only', async () => {
  let target = '/elsewhere';
  answer = (request, response) =>
    request.url === '/elsewhere' ? response.end('moved') : response.writeHead(302, { location: target }).end();
  expect((await get(url(), 100, limits)).toString()).toBe('moved');
  target = `http://localhost:${base.port}/elsewhere`;
  await expect(get(url(), 100, limits)).rejects.toThrow('it redirects to another host (http://localhost:');
  target = '/mien/archive';
  await expect(get(url(), 100, limits)).rejects.toThrow('more than 5 redirects');
});

test('a login in the address is sent to the mirror and shown to nobody', async () => {
  let login: string | undefined;
  answer = ({ headers }, response) => {
    login = headers.authorization;
    response.writeHead(403).end();
  };
  const withLogin = new URL(url());
  [withLogin.username, withLogin.password] = ['fleet', 'p%40ss'];
  const fault: Error = await get(withLogin, 100, limits).then(
    () => new Error('answered'),
    (error) => error,
  );
  expect(login).toBe(`Basic ${Buffer.from('fleet:p@ss').toString('base64')}`);
  expect(fault.message).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mien\/archive: status 403$/);
});
