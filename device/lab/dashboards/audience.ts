import { chart, deviceVariable, figure, sheet, table } from './panels.ts';
import { overTime, rows } from './targets.ts';

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const chosen = 'device in (${device:sqlstring})';

/** Visits, dwell and apparent expressions, each beside the coverage: without a camera there is no audience to count. */
export function audienceDashboard() {
  return sheet('mien-audience', 'Mien: audience', 'now-7d')
    .withVariable(deviceVariable(true))
    .withPanel(
      figure({
        title: 'Visits',
        description: 'Visits that ended in the range.',
        unit: 'short',
        targets: [
          rows(`select sum(visits_ended) as visits from hour_by_device where ${chosen} and $__timeFilter(hour)`),
        ],
      }),
    )
    .withPanel(
      figure({
        title: 'Visits per watched hour',
        description: 'Visits divided by the hours with a working camera. Comparable between places and days.',
        unit: 'short',
        targets: [
          rows(`select sum(visits_ended) / nullif(sum(watched_s) / 3600, 0) as visits
            from hour_by_device where ${chosen} and $__timeFilter(hour)`),
        ],
      }),
    )
    .withPanel(
      figure({
        title: 'Median dwell',
        description: 'Half of the visits lasted longer.',
        unit: 'ms',
        targets: [
          rows(`select percentile_cont(0.5) within group (order by dwell_ms) as dwell
            from visit where ${chosen} and $__timeFilter(ts)`),
        ],
      }),
    )
    .withPanel(
      figure({
        title: 'Coverage',
        description: 'Mean share of the hours with a working camera, over the hours with at least one record.',
        unit: 'percentunit',
        targets: [rows(`select avg(coverage) as coverage from hour_by_device where ${chosen} and $__timeFilter(hour)`)],
      }),
    )
    .withPanel(
      chart({
        title: 'Visits per watched hour',
        description:
          'Visits of each hour divided by the watched part of it, so that an hour with 20 minutes of camera compares with a full one.',
        unit: 'short',
        targets: [
          overTime(`select hour as time, sum(visits_ended) / nullif(sum(watched_s) / 3600, 0) as visits
            from hour_by_device where ${chosen} and $__timeFilter(hour) group by hour order by hour`),
        ],
      }),
    )
    .withPanel(
      chart(
        {
          title: 'Coverage',
          description: 'Mean share of the hour with a working camera.',
          unit: 'percentunit',
          targets: [
            overTime(`select hour as time, avg(coverage) as coverage
              from hour_by_device where ${chosen} and $__timeFilter(hour) group by hour order by hour`),
          ],
        },
        { max: 1 },
      ),
    )
    .withPanel(
      chart({
        title: 'Dwell',
        description: 'Median and 90th percentile of the visits that ended in the hour.',
        unit: 'ms',
        targets: [
          overTime(`select date_trunc('hour', ts) as time, percentile_cont(0.5) within group (order by dwell_ms) as median,
            percentile_cont(0.9) within group (order by dwell_ms) as p90
            from visit where ${chosen} and $__timeFilter(ts) group by 1 order by 1`),
        ],
      }),
    )
    .withPanel(
      chart(
        {
          title: 'Apparent expressions',
          description: 'Share of each label in the face-time with a named expression. Uncertain faces are not in it.',
          unit: 'percentunit',
          targets: [
            overTime(`select hour as time, expression as metric,
              sum(face_s) / nullif(sum(sum(face_s)) over (partition by hour), 0) as share
              from hour_by_expression where ${chosen} and $__timeFilter(hour) group by hour, expression order by hour`),
          ],
        },
        { stacked: true, max: 1 },
      ),
    )
    .withPanel(
      chart(
        {
          title: 'Uncertain',
          description: 'Share of the face-time without a named expression: bad light, small or turned faces.',
          unit: 'percentunit',
          targets: [
            overTime(`select d.hour as time, sum(d.uncertain_s) / nullif(sum(d.uncertain_s) + sum(e.face_s), 0) as uncertain
              from hour_by_device d left join lateral (select sum(face_s) as face_s from hour_by_expression
                where device = d.device and hour = d.hour) e on true
              where d.${chosen} and $__timeFilter(d.hour) group by d.hour order by d.hour`),
          ],
        },
        { max: 1 },
      ),
    )
    .withPanel(
      table({
        title: 'Visits by dominant expression',
        description: 'A visit counts once, by the label with the largest share of its time.',
        unit: 'none',
        targets: [
          rows(`select dominant as expression, count(*) as visits, round(avg(dwell_ms) / 1000) as "mean dwell, s"
            from visit where ${chosen} and $__timeFilter(ts) group by dominant order by count(*) desc`),
        ],
      }),
    );
}
