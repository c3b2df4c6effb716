import { expect, test } from 'vitest';
import { createLog } from './log.ts';
import { LogRing } from './log-ring.ts';

test('keeps the newest lines by severity, without passwords, and the log still writes them all', () => {
  const ring = new LogRing(3);
  const written: string[] = [];
  const log = createLog({ level: 'info', format: 'json' }, { output: { write: (text) => written.push(text) }, ring });
  log.info('first');
  log.warn({ url: 'rtsp://me:secret@cam/1' }, 'cannot open rtsp://me:secret@cam/1');
  log.debug('not logged at this level');
  log.info('third');
  log.error({ err: new Error('broken') }, 'fourth');
  expect(written).toHaveLength(4);
  expect(ring.lines({ level: 'info', limit: 9 }).map(({ msg }) => msg)).toEqual([
    'cannot open rtsp://***@cam/1',
    'third',
    'fourth',
  ]);
  const [warned, failed] = ring.lines({ level: 'warn', limit: 9 });
  expect(warned).toMatchObject({ level: 'warn', fields: { url: 'rtsp://***@cam/1' } });
  expect(failed).toMatchObject({ level: 'error', fields: { err: 'broken' } });
  expect(ring.lines({ level: 'info', limit: 1 })).toHaveLength(1);
});
