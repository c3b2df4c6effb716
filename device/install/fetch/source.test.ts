import { expect, test } from 'vitest';
import { releaseSource, shownSource } from './source.ts';

test.each([
  ['https://fleet:secret@mirror.example.org/mien/', 'https://***@mirror.example.org/mien/'],
  ['https://mirror.example.org/mien/', 'https://mirror.example.org/mien/'],
  ['/media/stick', '/media/stick'],
])('%s is shown as %s', (from, shown) => {
  expect(shownSource(from)).toBe(shown);
  expect(releaseSource(from).name).toBe(shown);
});

test.each(['https://fleet:secret@mirror:port/', 'ftp://fleet:secret@mirror.example.org/'])(
  'the refusal of %s does not repeat the login',
  (from) => {
    expect(() => releaseSource(from)).toThrow(/^--from: expected an .*, got "\w+:\/\/\*\*\*/);
    expect(() => releaseSource(from)).not.toThrow(/secret/);
  },
);
