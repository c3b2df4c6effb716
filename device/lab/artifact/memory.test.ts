import { expect, test } from 'vitest';
import { memoryOf, ownMemoryMb } from './memory.ts';

const mapping = (inode: number, offset: string, rss: number, anonymous: number) =>
  `7f00-7f01 r-xp ${offset} fe:00 ${inode}   /usr/lib/a b.so\nSize: 900 kB\nRss:        ${rss} kB\nPss: 1 kB\nAnonymous: ${anonymous} kB\n`;
const heap = (kB: number) => `5500-5501 rw-p 00000000 00:00 0    [heap]\nRss: ${kB} kB\nAnonymous:   ${kB} kB\n`;

test('a part of a file counts once for all processes, anonymous memory for each', () => {
  const daemon = mapping(7, '0000', 100, 0) + heap(50);
  const vision = mapping(7, '0000', 120, 0) + mapping(7, '1000', 30, 10) + heap(60);
  expect(memoryOf([daemon, vision])).toBe(1024 * (120 + 20 + 10 + 50 + 60));
});

test('the same process is counted with its files once, however often it is named', () => {
  const once = ownMemoryMb([process.pid]);
  expect(once).toBeGreaterThan(20);
  expect(ownMemoryMb([process.pid, process.pid])).toBeLessThan(2 * once);
});
