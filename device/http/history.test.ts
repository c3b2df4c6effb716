import { describe, expect, test } from 'vitest';
import type { Sample } from '../core/types.ts';
import { FakeClock, fixture, json } from '../lab/fixtures/http-fixture.ts';

describe('history', () => {
  const clock = new FakeClock();
  const sample = (ts: number): Sample => ({
    ts,
    track: 1,
    label: 'happy',
    probability: 0.9,
    probabilities: { happy: 1 },
    happyShare: 0.75,
    score: 1,
    frames: 30,
  });
  const unnamed = (ts: number): Sample => ({
    ...sample(ts),
    label: 'uncertain',
    reason: 'dark',
    probability: null,
    happyShare: null,
  });

  test('the last minutes, up to and including now', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(clock.time - 120_001), sample(clock.time - 60_000), sample(clock.time));
    const body = await json(app.request('/api/v1/samples?minutes=2'));
    expect(body).toMatchObject({ truncated: false, samples: [sample(clock.time), sample(clock.time - 60_000)] });
  });

  test('from and to are milliseconds or times', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(999), sample(1000), sample(2000));
    const body = await json(app.request('/api/v1/samples?from=1000&to=1970-01-01T00:00:02Z'));
    expect(body).toMatchObject({ from: 1000, to: 2000, samples: [sample(1000)] });
  });

  test('a truncated answer says so and holds the newest rows', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(1), sample(2), sample(3));
    expect(await json(app.request('/api/v1/samples?from=0&to=9&limit=2'))).toMatchObject({
      truncated: true,
      samples: [sample(3), sample(2)],
    });
    expect(await json(app.request('/api/v1/samples?from=0&to=9&limit=3'))).toMatchObject({ truncated: false });
  });

  test('visits have the same parameters', async () => {
    const { app, visits } = fixture({ clock });
    const visit = { id: 'b-1', startedAt: clock.time - 1000 } as never;
    visits.push(visit);
    expect(await json(app.request('/api/v1/visits?minutes=1'))).toMatchObject({ visits: [visit] });
  });

  test.each([
    ['minutes=0', 'minutes', 'a whole number from 1 to 44640'],
    ['minutes=1e3', 'minutes', 'a whole number from 1 to 44640'],
    ['minutes=', 'minutes', 'a whole number from 1 to 44640'],
    ['minutes=5&from=1', 'minutes', 'either minutes, or from and to'],
    ['from=yesterday', 'from', 'milliseconds since 1970, or a time such as 2026-01-31T12:00:00Z'],
    ['from=5&to=5', 'from', 'a time before to'],
    ['limit=10001', 'limit', 'a whole number from 1 to 10000'],
    ['hours=1', 'hours', 'one of minutes, from, to, label, limit, cursor, format'],
  ])('%s is refused with the expected value', async (query, path, expected) => {
    const { app } = fixture({ clock });
    for (const table of ['samples', 'visits']) {
      const response = await app.request(`/api/v1/${table}?${query}`);
      expect(response.status).toBe(400);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
      expect((await json(response)).errors).toEqual([{ path, value: expect.any(String), expected }]);
    }
  });

  test('pages go back in time; an unchanged answer is not sent again', async () => {
    const { app, samples } = fixture({ clock });
    samples.push(sample(1), sample(2), { ...sample(3), label: 'sad' });
    const get = (query: string) => json(app.request(`/api/v1/samples?from=0&to=9&${query}`));
    const first = await get('limit=2');
    expect(first.samples).toMatchObject([{ ts: 3 }, { ts: 2 }]);
    expect(await get(`limit=2&cursor=${first.next}`)).toMatchObject({ truncated: false, samples: [{ ts: 1 }] });
    expect((await get('label=sad')).samples).toMatchObject([{ ts: 3 }]);
    expect((await get('cursor=last')).errors).toMatchObject([{ path: 'cursor', value: 'last' }]);

    const tag = (await app.request('/api/v1/samples?from=0&to=9')).headers.get('etag')!;
    const headers = { 'if-none-match': tag };
    const again = await app.request('/api/v1/samples?from=0&to=9', { headers });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag]);
    samples.push(sample(4));
    expect((await app.request('/api/v1/samples?from=0&to=9', { headers })).status).toBe(200);
  });

  test('CSV is a download of all rows of the range, newest first', async () => {
    const { app, samples } = fixture({ clock });
    for (let ts = 0; ts < 2499; ts += 1) samples.push(sample(ts));
    samples.push(unnamed(2499));
    const response = await app.request('/api/v1/samples?from=0&to=5000&format=csv');
    expect(response.headers.get('content-type')).toContain('text/csv');
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="samples.csv"');
    const lines = (await response.text()).trimEnd().split('\r\n');
    expect(lines).toHaveLength(2501);
    expect(lines[0]).toBe('time,track,label,reason,probability,happy_share,score,frames,happy');
    expect(lines[1]).toBe('1970-01-01T00:00:02.499Z,1,uncertain,dark,,,1,30,1');
    expect(lines[2]).toBe('1970-01-01T00:00:02.498Z,1,happy,,0.9,0.75,1,30,1');
    expect(new Set(lines).size).toBe(2501);
    const page = await json(app.request('/api/v1/samples?from=0&to=5000&limit=3'));
    const times = (page.samples as { ts: number }[]).map(({ ts }) => new Date(ts).toISOString());
    expect(lines.slice(1, 4).map((line) => line.split(',')[0])).toEqual(times);
  });

  test('CSV of visits: a visit that was always uncertain has empty cells', async () => {
    const { app, visits } = fixture({ clock });
    const strongest = { label: 'happy', probability: 0.9, ts: 5 };
    const stay = { startedAt: 5, endedAt: 9, dwellMs: 4, frames: 2 };
    const none = { strongest: null, confidence: null, happyShare: null };
    visits.push(
      { ...stay, id: 'b-1', dominant: 'uncertain', reasons: { small: 0.25, dark: 0.75 }, ...none } as never,
      {
        ...stay,
        id: '=1+1',
        dominant: 'a "b", c',
        reasons: {},
        strongest,
        confidence: 0.8,
        happyShare: 0.5,
        cut: true,
      } as never,
    );
    const table = await (await app.request('/api/v1/visits?from=0&to=9&format=csv')).text();
    const times = '1970-01-01T00:00:00.005Z,1970-01-01T00:00:00.009Z,4';
    expect(table.trimEnd().split('\r\n')).toEqual([
      'id,start,end,dwell_ms,dominant,confidence,happy_share,frames,strongest,strongest_probability,uncertain_small,uncertain_turned,uncertain_dark,uncertain_blurred,uncertain_covered,uncertain_ambiguous,cut',
      `'=1+1,${times},"a ""b"", c",0.8,0.5,2,happy,0.9,,,,,,,true`,
      `b-1,${times},uncertain,,,2,,,0.25,,0.75,,,,`,
    ]);
  });

  test('by hour and by day, also for hours without rows', async () => {
    const { app, samples, visits } = fixture({ clock });
    const start = Date.parse('2026-03-29T00:00Z');
    samples.push(sample(start), { ...sample(start + 1000), label: 'sad' }, unnamed(start + 2000));
    samples.push(unnamed(start + 3_600_000), sample(start + 7_200_000));
    visits.push({ startedAt: start + 1000, dwellMs: 1500, dominant: 'sad' } as never);
    const hours = await json(
      app.request('/api/v1/history?bucket=hour&from=2026-03-29T00:00Z&to=2026-03-29T03:00Z&tz=UTC'),
    );
    expect(hours.buckets).toEqual([
      {
        start,
        end: start + 3_600_000,
        samples: 3,
        counts: { happy: 1, sad: 1, uncertain: 1 },
        happyShare: 0.5,
        visits: 1,
        dwellMs: 1500,
      },
      {
        start: start + 3_600_000,
        end: start + 7_200_000,
        samples: 1,
        counts: { uncertain: 1 },
        happyShare: null,
        visits: 0,
        dwellMs: 0,
      },
      {
        start: start + 7_200_000,
        end: start + 10_800_000,
        samples: 1,
        counts: { happy: 1 },
        happyShare: 1,
        visits: 0,
        dwellMs: 0,
      },
    ]);
    // In all three hours, two of the three samples with a label are happy.
    expect(hours.happyShare).toBe(0.6667);
    const berlin = '/api/v1/history?bucket=day&from=2026-03-29T10:00Z&to=2026-03-29T11:00Z&tz=Europe/Berlin';
    const days = (await json(app.request(berlin))) as { buckets: { start: number; end: number; samples: number }[] };
    expect(days.buckets).toMatchObject([{ start: start - 3_600_000, end: start + 22 * 3_600_000, samples: 5 }]);
    const table = await (await app.request(`${berlin}&format=csv`)).text();
    expect(table.trimEnd().split('\r\n')).toEqual([
      'start,end,visits,dwell_ms,samples,happy_share,happy,sad,uncertain',
      '2026-03-28T23:00:00.000Z,2026-03-29T22:00:00.000Z,1,1500,5,0.6667,2,1,2',
    ]);
  });

  test('happyShare is null for a query of one label, and for a day with uncertain rows only', async () => {
    const { app, samples } = fixture({ clock });
    const day = '/api/v1/history?bucket=day&from=1970-01-01T00:00Z&to=1970-01-02T00:00Z&tz=UTC';
    samples.push(unnamed(0));
    expect(await json(app.request(day))).toMatchObject({
      happyShare: null,
      buckets: [{ happyShare: null, samples: 1 }],
    });
    samples.push(sample(1));
    expect(await json(app.request(day))).toMatchObject({ happyShare: 1, buckets: [{ happyShare: 1, samples: 2 }] });
    expect(await json(app.request(`${day}&label=happy`))).toMatchObject({
      happyShare: null,
      buckets: [{ happyShare: null, counts: { happy: 1 } }],
    });
  });

  test.each([
    ['bucket=year', 'bucket', 'one of minute, hour, day, week'],
    ['bucket=day&tz=Mars/Olympus', 'tz', 'a time zone such as Europe/Berlin'],
    ['bucket=minute&from=0', 'from', 'at most 1500 buckets of a minute'],
  ])('history?%s is refused with the expected value', async (query, path, expected) => {
    const response = await fixture({ clock }).app.request(`/api/v1/history?${query}`);
    expect(response.status).toBe(400);
    expect((await json(response)).errors).toMatchObject([{ path, expected }]);
  });

  test('all mistakes are reported at once', async () => {
    const { app } = fixture({ clock });
    const body = await json(app.request('/api/v1/samples?minutes=x&limit=0&hours=1'));
    expect(body.errors).toHaveLength(3);
  });

  test('a failing database is a problem without internal details', async () => {
    const history = {
      keys: () => {
        throw new Error('SQLITE_CORRUPT at /secret/path');
      },
      samples: () => ({ rows: [] }),
      visits: () => ({ rows: [] }),
      summary: () => ({ samples: 0, counts: {}, visits: 0, dwellMs: 0 }),
      rowsInOrder: () => [],
      labels: () => [],
    };
    const response = await fixture({ history }).app.request('/api/v1/samples');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('SQLITE');
  });
});
