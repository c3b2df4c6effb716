import { expect, test } from 'vitest';
import { Announcer } from './announcer.ts';

test('announces only an expression that is stable and differs from the last one', () => {
  const announcer = new Announcer({ holdMs: 1500 });
  expect(announcer.update('happy', 0)).toBeUndefined();
  expect(announcer.update('happy', 1400)).toBeUndefined();
  expect(announcer.update('happy', 1500)).toBe('happy');
  expect(announcer.update('sad', 1600)).toBe('happy');
  expect(announcer.update('happy', 2000)).toBe('happy');
  expect(announcer.update('sad', 2100)).toBe('happy');
  expect(announcer.update('sad', 3600)).toBe('sad');
});
