import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { fullDevice } from '../../lab/fixtures/device-now.ts';
import { runPromtool, whyNoPromtool } from '../../lab/fixtures/promtool.ts';
import type { DeviceNow } from './device-now.ts';
import { families } from './families.ts';
import { MetricsPage } from './page.ts';

const readme = readFileSync(join(packageRoot, 'device/sinks/metrics/README.md'), 'utf8');
const cellsOf = (line: string) =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
const rowsBelow = (head: string) => {
  const lines = readme.slice(readme.indexOf(head)).split('\n').slice(2);
  return lines.slice(0, lines.indexOf('')).map(cellsOf);
};

const write = (change: Partial<DeviceNow> = {}) => new MetricsPage().write(fullDevice(change));

/** Values by series, as in `mien_viewers` or `mien_paused{...}`. */
async function seriesOf(change: Partial<DeviceNow> = {}): Promise<Map<string, number>> {
  const lines = (await write(change)).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

describe('the page', () => {
  test('shows a value of every metric', async () => {
    const page = await write();
    for (const { name } of families) expect(page).toMatch(new RegExp(`^${name}(_count)?(\\{.*\\})? [\\d.]+$`, 'm'));
  });

  test('shows figures in base units', async () => {
    const series = await seriesOf();
    expect(series.get('mien_temperature_celsius')).toBe(81);
    expect(series.get('mien_outbox_oldest_age_seconds')).toBe(90);
    expect(series.get('mien_screen_seen_timestamp_seconds')).toBe(1_699_999_996);
    expect(series.get('mien_clock_seconds')).toBe(1_700_000_000);
    expect(series.get('mien_faces_total{label="uncertain"}')).toBe(90);
    expect(series.get('mien_vision_restarts_total{kind="silent_while_opening"}')).toBe(3);
    expect(series.get('mien_fault{part="store",code="disk-full"}')).toBe(1);
    expect(series.get('mien_throttled{cause="under-voltage"}')).toBe(1);
    expect(series.get('mien_throttled{cause="throttled"}')).toBe(0);
  });

  test('counts the durations of a histogram cumulatively', async () => {
    const series = await seriesOf();
    const count = (le: string) => series.get(`mien_frame_latency_seconds_bucket{le="${le}"}`);
    expect(['0.01', '0.02', '0.05', '2.5', '+Inf'].map(count)).toEqual([0, 2, 3, 3, 4]);
    expect(series.get('mien_frame_latency_seconds_count')).toBe(4);
    expect(series.get('mien_frame_latency_seconds_sum')).toBe(3.07);
    expect(series.get('mien_stage_duration_seconds_bucket{le="0.005",stage="detect"}')).toBe(1);
  });

  test('has exactly one state of each part', async () => {
    const series = [...(await seriesOf())];
    for (const name of ['camera_state', 'vision_state', 'store_state', 'mqtt_state', 'health_status']) {
      const values = series.filter(([each]) => each.startsWith(`mien_${name}{`)).map(([, value]) => value);
      expect(
        values.reduce((sum, value) => sum + value, 0),
        name,
      ).toBe(1);
      expect(values.length, name).toBeGreaterThan(2);
    }
  });

  test('leaves out unknown values', async () => {
    const { state, counts } = fullDevice();
    const { governor: _, ...rest } = state;
    const bare = { ...rest, camera: { ...rest.camera, state: 'lost' as const }, store: { state: 'ok' as const } };
    const names = [...(await seriesOf({ state: bare, screen: undefined, processes: [] })).keys()];
    for (const name of [
      'temperature',
      'throttled',
      'rate_limit',
      'people',
      'screen',
      'outbox',
      'process',
      'store_written',
    ])
      expect(names.filter((each) => each.startsWith(`mien_${name}`))).toEqual([]);
    const before = { counts: { ...counts, people: undefined } };
    expect([...(await seriesOf(before)).keys()]).not.toContain('mien_people');
  });

  test('an empty outbox has no age, and a clock that was set back does not make it negative', async () => {
    const { state, now } = fullDevice();
    const ageOf = async (oldestTs?: number) => {
      const store = { ...state.store, outbox: { waiting: 0, lost: 0, oldestTs } };
      return (await seriesOf({ state: { ...state, store } })).get('mien_outbox_oldest_age_seconds');
    };
    expect(await ageOf()).toBe(0);
    expect(await ageOf(now + 60_000)).toBe(0);
  });

  test('shows the next moment at the next call', async () => {
    const page = new MetricsPage();
    await page.write(fullDevice());
    const later = await page.write(
      fullDevice({ live: { viewers: 0, delivered: 901, dropped: 12 }, screen: undefined }),
    );
    expect(later).toContain('mien_viewers 0\n');
    expect(later).toContain('mien_viewer_frames_total{outcome="delivered"} 901\n');
    expect(later).not.toMatch(/^mien_screen_visible /m);
  });

  test.skipIf(whyNoPromtool)(`promtool finds nothing${whyNoPromtool}`, async () => {
    expect(runPromtool(['check', 'metrics'], { input: await write() })).toEqual({ status: 0, output: '' });
    const bare = fullDevice({ processes: [], screen: undefined });
    expect(runPromtool(['check', 'metrics'], { input: await write(bare) })).toEqual({ status: 0, output: '' });
    // promtool reports a page with a fault.
    expect(runPromtool(['check', 'metrics'], { input: 'mien_frames 1\n' }).output).toContain('no help text');
  });
});

describe('README.md', () => {
  test('lists every metric with its type, labels and help', () => {
    const documented = rowsBelow('| metric ');
    const registered = families.map(({ name, type, labels = [], help }) => [
      `\`${name}\``,
      type,
      labels.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
    expect(documented).toEqual(registered);
  });

  test('lists every value of every label, so that the number of series is bounded', async () => {
    const allowed = new Map(rowsBelow('| label ').map(([label = '', , values = '']) => [label, values]));
    const used = [...(await write()).matchAll(/[{,](\w+)="([^"]*)"/g)].filter(([, label]) => label !== 'le');
    const unlisted = used.filter(([, label, value]) => {
      const values = allowed.get(`\`${label}\``);
      return values !== 'one at a time' && !values?.split(', ').includes(`\`${value}\``);
    });
    expect(unlisted.map(([, label, value]) => `${label}="${value}" is not listed`)).toEqual([]);
  });
});
