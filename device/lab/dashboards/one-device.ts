import { chart, deviceVariable, figure, sheet } from './panels.ts';
import { overTime, promql, promqlNow, rows } from './targets.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const own = 'device = ${device:sqlstring}';

/** One device: its audience, its camera, its board. */
export function deviceDashboard() {
  return sheet('mien-device', 'Mien: one device', 'now-24h')
    .withVariable(deviceVariable(false))
    .withPanel(
      figure({
        title: 'Visits',
        description: 'Visits that ended in the range.',
        unit: 'short',
        targets: [rows(`select sum(visits_ended) as visits from hour_by_device where ${own} and $__timeFilter(hour)`)],
      }),
    )
    .withPanel(
      figure({
        title: 'Mean dwell',
        description: 'Mean duration of a visit.',
        unit: 'ms',
        targets: [rows(`select avg(dwell_ms) as dwell from visit where ${own} and $__timeFilter(ts)`)],
      }),
    )
    .withPanel(
      figure({
        title: 'Last record',
        description: 'Time since the newest minute record arrived.',
        unit: 's',
        targets: [
          rows(`select extract(epoch from now() - max(received)) as age from minute
            where ${own} and hour > now() - interval '2 days'`),
        ],
      }),
    )
    .withPanel(
      figure(
        {
          title: 'Faults',
          description: 'Present faults of the device.',
          unit: 'none',
          targets: [promqlNow('count(mien_fault{instance="$device"} == 1) or vector(0)', 'faults')],
        },
        1,
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Watched, blind and paused',
          description:
            'Minutes of each hour. Missing minutes: the device was off, or its records have not arrived yet.',
          unit: 'm',
          targets: [
            overTime(`select hour as time, watched_s / 60 as watched, blind_s / 60 as blind, paused_s / 60 as paused
              from hour_by_device where ${own} and $__timeFilter(hour) order by hour`),
          ],
        },
        { stacked: true, max: 60 },
      ),
    )
    .withPanel(
      chart({
        title: 'Visits per hour',
        description: 'Visits that ended in the hour, and the largest number of people at the same time.',
        unit: 'short',
        targets: [
          overTime(`select hour as time, visits_ended as visits, people_max as "most people"
            from hour_by_device where ${own} and $__timeFilter(hour) order by hour`),
        ],
      }),
    )
    .withPanel(
      chart(
        {
          title: 'Apparent expressions',
          description: 'Minutes of faces per label and hour, without uncertain.',
          unit: 'm',
          targets: [
            overTime(`select hour as time, expression as metric, face_s / 60 as minutes
              from hour_by_expression where ${own} and $__timeFilter(hour) order by hour`),
          ],
        },
        { stacked: true },
      ),
    )
    .withPanel(
      chart({
        title: 'Frames per second',
        description: 'Frames of the camera by what happened to them.',
        unit: 'hertz',
        targets: [
          promql('sum by (outcome) (rate(mien_frames_total{instance="$device"}[$__rate_interval]))', '{{outcome}}'),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Latency',
        description: 'Time from a frame to its reading: median and 95th percentile.',
        unit: 's',
        targets: [promql(latency(0.5), 'p50'), promql(latency(0.95), 'p95', 'B')],
      }),
    )
    .withPanel(
      chart({
        title: 'Temperature',
        description: 'Processor of the board; empty where the board does not report it.',
        unit: 'celsius',
        targets: [promql('mien_temperature_celsius{instance="$device"}', 'processor')],
      }),
    )
    .withPanel(
      chart({
        title: 'Memory',
        description: 'Memory of each process that no other process can use.',
        unit: 'bytes',
        targets: [promql('mien_process_private_bytes{instance="$device"}', '{{process}}')],
      }),
    )
    .withPanel(
      chart({
        title: 'Written to the disk',
        description: 'Bytes per day at the rate of the last hour.',
        unit: 'bytes',
        targets: [promql('sum(rate(mien_process_written_bytes_total{instance="$device"}[1h])) * 86400', 'per day')],
      }),
    );
}

function latency(quantile: number): string {
  const buckets = 'sum by (le) (rate(mien_frame_latency_seconds_bucket{instance="$device"}[$__rate_interval]))';
  return `histogram_quantile(${quantile}, ${buckets})`;
}
