import { chart, figure, sheet, table } from './panels.ts';
import { overTime, promql, promqlNow, rows } from './targets.ts';

/** All devices at a glance. */
export function fleetDashboard() {
  return sheet('mien-fleet', 'Mien: fleet', 'now-24h')
    .withPanel(
      figure({
        title: 'Devices that report',
        description: 'Devices whose newest minute record came within 5 minutes.',
        unit: 'none',
        targets: [
          rows(`select count(distinct device) as devices from minute
            where hour > now() - interval '2 hours' and received > now() - interval '5 minutes'`),
        ],
      }),
    )
    .withPanel(
      figure({
        title: 'Visits',
        description: 'Visits that ended in the range, of all devices.',
        unit: 'short',
        targets: [rows('select sum(visits_ended) as visits from hour_by_device where $__timeFilter(hour)')],
      }),
    )
    .withPanel(
      figure({
        title: 'Watched',
        description: 'Seconds with a working camera, divided by the seconds that the devices reported.',
        unit: 'percentunit',
        targets: [
          rows(`select sum(watched_s) / nullif(sum(watched_s + blind_s + paused_s), 0) as watched
            from hour_by_device where $__timeFilter(hour)`),
        ],
      }),
    )
    .withPanel(
      figure(
        {
          title: 'Faults',
          description: 'Present faults of all devices that Prometheus reaches.',
          unit: 'none',
          targets: [promqlNow('count(mien_fault == 1) or vector(0)', 'faults')],
        },
        1,
      ),
    )
    .withPanel(
      chart({
        title: 'Visits per hour',
        description:
          'Visits that ended in the hour. Compare with the coverage: an hour without a camera has no visits.',
        unit: 'short',
        targets: [
          overTime(`select hour as time, sum(visits_ended) as visits from hour_by_device
            where $__timeFilter(hour) group by hour order by hour`),
        ],
      }),
    )
    .withPanel(
      chart(
        {
          title: 'Coverage',
          description: 'Mean share of the hour with a working camera, over the devices that reported in the hour.',
          unit: 'percentunit',
          targets: [
            overTime(`select hour as time, avg(coverage) as coverage, min(coverage) as lowest from hour_by_device
              where $__timeFilter(hour) group by hour order by hour`),
          ],
        },
        { max: 1 },
      ),
    )
    .withPanel(
      chart({
        title: 'Devices by health',
        description:
          'Status of the devices that Prometheus reaches, as in /healthz; unreachable ones are counted apart.',
        unit: 'none',
        targets: [
          promql('sum by (status) (mien_health_status)', '{{status}}'),
          promql('count(up{job="mien"} == 0) or vector(0)', 'unreachable', 'B'),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Records that wait on the devices',
        description: 'Records that the broker has not acknowledged yet, of all devices.',
        unit: 'short',
        targets: [promql('sum(mien_outbox_waiting_records)', 'waiting')],
      }),
    )
    .withPanel(
      table({
        title: 'Devices',
        description: 'One row per device. Coverage is the share of the hours in the range with a working camera.',
        unit: 'none',
        targets: [
          rows(`select device, max(received) as "last record", sum(visits_ended) as visits, max(people_max) as "most people",
            round(avg(coverage)::numeric, 3) as coverage, round((sum(paused_s) / 60)::numeric) as "paused, min",
            round((sum(blind_s) / 60)::numeric) as "blind, min"
            from hour_by_device where $__timeFilter(hour) group by device order by max(received)`),
        ],
      }),
    );
}
