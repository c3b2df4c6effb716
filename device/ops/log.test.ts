import { describe, expect, it } from 'vitest';
import { exitCode, MienError } from '../core/errors.ts';
import { createLog } from './log.ts';

function record(format: 'auto' | 'json' | 'text', isTTY: boolean, level: 'info' | 'silent' = 'info') {
  const lines: string[] = [];
  return { log: createLog({ level, format }, { output: { isTTY, write: (text) => lines.push(text) } }), lines };
}

describe('createLog', () => {
  it('writes a short line for a person on a terminal', () => {
    const { log, lines } = record('auto', true);
    log.child({ part: 'camera' }).warn({ source: '/dev/video0', reason: 'no frame', tries: 2 }, 'lost');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d warn {2}camera: lost source=\/dev\/video0 reason="no frame" tries=2\n$/);
  });

  it('writes JSON lines elsewhere, with the level by name and the time as ISO 8601', () => {
    const { log, lines } = record('auto', false);
    const cause = new MienError('port 8080 is in use', { code: exitCode.unavailable, remedy: 'Take another' });
    log.error({ error: cause }, 'not listening');
    expect(JSON.parse(lines[0]!)).toMatchObject({
      level: 'error',
      msg: 'not listening',
      error: 'port 8080 is in use. Take another',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
  });

  it('keeps to the level', () => {
    const { log, lines } = record('json', true);
    log.debug('not shown');
    const silent = record('json', true, 'silent');
    silent.log.error('not shown');
    expect([...lines, ...silent.lines]).toEqual([]);
  });
});
