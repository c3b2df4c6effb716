import { chart, figure, sheet, table } from './panels.ts';
import { overTime, promql, promqlNow, rows } from './targets.ts';

/**
 * The newest value of a figure of Mosquitto, which publishes it only when it changes, and keeps it for 60 s only: a Telegraf that
 * starts later does not know a steady one.
 */
function brokerFigure(name: string): string {
  return `sum(last_over_time(mosquitto_sys{topic="$SYS/broker/${name}"}[1d]))`;
}

/** The way of a record: outbox of the device, broker, Telegraf, database. */
export function pipelineDashboard() {
  return sheet('mien-pipeline', 'Mien: pipeline', 'now-6h')
    .withPanel(
      figure(
        {
          title: 'Dropped by the broker',
          description:
            'Messages that Mosquitto dropped in the range: a queue was full. Each is a lost record or state.',
          unit: 'none',
          targets: [
            promqlNow(
              'sum(increase(mosquitto_sys{topic="$SYS/broker/publish/messages/dropped"}[$__range]))',
              'dropped',
            ),
          ],
        },
        1,
      ),
    )
    .withPanel(
      figure(
        {
          title: 'Rejected by the database',
          description: 'Records in the table rejected: wrong values. See the table below.',
          unit: 'none',
          targets: [rows('select count(*) as rejected from rejected where $__timeFilter(received)')],
        },
        1,
      ),
    )
    .withPanel(
      figure(
        {
          title: 'Lost by full outboxes',
          description: 'Records that devices dropped in the range, because their outbox was full.',
          unit: 'none',
          targets: [promqlNow('sum(increase(mien_outbox_lost_total[$__range]))', 'lost')],
        },
        1,
      ),
    )
    .withPanel(
      figure({
        title: 'Size of the database',
        description: 'With indexes.',
        unit: 'bytes',
        targets: [rows('select pg_database_size(current_database()) as bytes')],
      }),
    )
    .withPanel(
      chart({
        title: 'Lag',
        description: 'Time from the end of a minute or visit to its row, without records that a device sent late.',
        unit: 's',
        targets: [
          overTime(`select date_trunc('minute', received) as time,
            percentile_cont(0.5) within group (order by extract(epoch from received - ts)) as p50,
            percentile_cont(0.99) within group (order by extract(epoch from received - ts)) as p99
            from minute where $__timeFilter(hour) and not historical group by 1 order by 1`),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Records written',
        description: 'Records a second that Telegraf has written to PostgreSQL, repeated ones included.',
        unit: 'ops',
        targets: [
          promql('sum(rate(internal_write_metrics_written{output="sql"}[$__rate_interval]))', 'written'),
          promql('sum(rate(internal_write_metrics_dropped{output="sql"}[$__rate_interval]))', 'dropped', 'B'),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Waiting',
        description: 'Records on the devices, messages in the broker, records in Telegraf.',
        unit: 'short',
        targets: [
          promql('sum(mien_outbox_waiting_records)', 'devices'),
          promql(brokerFigure('store/messages/count'), 'broker (with retained)', 'B'),
          promql('sum(internal_write_buffer_size{output="sql"})', 'Telegraf', 'C'),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Errors of Telegraf',
        description:
          'A message that is not JSON is lost. Errors at the broker are lost connections, attempts to reconnect and messages that are not JSON. Telegraf does not count writes that PostgreSQL refuses: its records wait then.',
        unit: 'short',
        targets: [
          promql(
            'clamp_min(sum(increase(internal_mqtt_consumer_messages_received[$__rate_interval])) - sum(increase(internal_parser_metrics_parsed{type="json_v2"}[$__rate_interval])), 0)',
            'not JSON',
          ),
          promql(
            'sum(increase(internal_gather_errors{input="mqtt_consumer"}[$__rate_interval]))',
            'errors at the broker',
            'B',
          ),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Oldest record on a device',
        description: 'Age of the oldest record that waits, the largest of all devices.',
        unit: 's',
        targets: [promql('max(mien_outbox_oldest_age_seconds)', 'oldest')],
      }),
    )
    .withPanel(
      chart({
        title: 'Clients of the broker',
        description:
          'Connections of devices and services; disconnected are those with a session that waits for them. The last figure stays while the broker is away.',
        unit: 'short',
        targets: [
          promql(brokerFigure('clients/connected'), 'connected'),
          promql(brokerFigure('clients/disconnected'), 'disconnected', 'B'),
        ],
      }),
    )
    .withPanel(
      chart({
        title: 'Memory of the broker',
        description: 'Heap of Mosquitto. A million waiting records take about 0.5 GB.',
        unit: 'bytes',
        targets: [promql(brokerFigure('heap/current'), 'heap')],
      }),
    )
    .withPanel(
      chart({
        title: 'Devices by connection',
        description: 'State of the connection to the broker, by the devices themselves.',
        unit: 'none',
        targets: [promql('sum by (state) (mien_mqtt_state)', '{{state}}')],
      }),
    )
    .withPanel(
      table({
        title: 'Rejected records',
        description: 'The newest 100. After a correction of the schema, retry_rejected() puts them in again.',
        unit: 'none',
        targets: [
          rows(`select received, kind, device, reason, left(payload, 200) as payload
            from rejected where $__timeFilter(received) order by received desc limit 100`),
        ],
      }),
    );
}
