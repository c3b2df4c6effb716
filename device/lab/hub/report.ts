import type { Database } from './database.ts';

/** Numbers of records that the load has sent, each record counted once. */
export interface Sent {
  readonly visit: number;
  readonly minute: number;
  /** Messages sent twice. */
  readonly repeated: number;
  /** Messages that belong into the table `rejected`. */
  readonly rejected: number;
  /** Messages that Telegraf refuses, because they are not JSON. */
  readonly unparsed: number;
}

/** What is in the database. */
export interface Found {
  readonly visit: number;
  readonly minute: number;
  readonly distinct: number;
  readonly devices: number;
  readonly rejected: number;
  /** Time from the moment at which the device knew the record to the row, in s. */
  readonly lag: { readonly p50: number; readonly p99: number; readonly max: number };
  /** Size of one row with its indexes, in bytes. */
  readonly rowBytes: { readonly visit: number; readonly minute: number };
}

/**
 * @param visitGapMs time from the `ts` of a visit, the last sight of the person, until the device knows that the visit has ended. A
 *   visit that is cut at the end of the load is known before
 */
export async function found(database: Database, visitGapMs: number): Promise<Found> {
  const [row] = await database.rows<Found>(`
    with r as (
      select device, boot_id, seq, 'visit' as kind,
        greatest(extract(epoch from received - ts) - ${visitGapMs / 1000}, 0) as lag from visit
      union all select device, boot_id, seq, 'minute', extract(epoch from received - ts) from minute)
    select count(*) filter (where kind = 'visit') as visit, count(*) filter (where kind = 'minute') as minute,
      count(distinct (kind, device, boot_id, seq)) as distinct, count(distinct device) as devices,
      (select count(*) from rejected) as rejected,
      json_build_object('p50', percentile_cont(0.5) within group (order by lag),
        'p99', percentile_cont(0.99) within group (order by lag), 'max', max(lag)) as lag,
      json_build_object('visit', ${bytesOf('visit')}, 'minute', ${bytesOf('minute')}) as "rowBytes"
    from r`);
  return row!;
}

function bytesOf(table: string): string {
  return `(select sum(pg_total_relation_size(relid)) from pg_partition_tree('${table}') where isleaf)
    / greatest((select count(*) from ${table}), 1)`;
}

/** The differences between what was sent and what was found; empty if every record is there once. */
export function faults(sent: Sent, there: Found): readonly string[] {
  const expected = {
    visit: sent.visit,
    minute: sent.minute,
    distinct: sent.visit + sent.minute,
    rejected: sent.rejected,
  };
  return (Object.keys(expected) as (keyof typeof expected)[])
    .filter((key) => there[key] !== expected[key])
    .map((key) => `${key}: expected ${expected[key]}, got ${there[key]}`);
}

/** Minimum number of rows for an estimate of their size: fewer rows do not fill the pages, and would appear too large. */
const enoughRows = 500;

interface Outcome {
  readonly sent: Sent;
  readonly there: Found;
  readonly seconds: number;
  readonly visitGapMs: number;
}

/** @param devices that the load stands for; each makes a record a minute, and all together one visit a second */
export function reportLines(outcome: Outcome, devices: number): string[] {
  const { sent, there, seconds, visitGapMs } = outcome;
  const { visit, minute, distinct, rejected, lag, rowBytes } = there;
  const perSecond = ((sent.visit + sent.minute + sent.repeated) / seconds).toFixed(1);
  const [p50, p99, max] = [lag.p50, lag.p99, lag.max].map((value) => `${value.toFixed(2)} s`);
  const gigabytes = (devices * 1440 * rowBytes.minute + 86_400 * rowBytes.visit) / 1e9;
  const sizes = `visit ${Math.round(rowBytes.visit)} B, minute ${Math.round(rowBytes.minute)} B a row with indexes`;
  return [
    `sent      ${sent.visit + sent.minute} records, ${sent.repeated} of them twice, ${perSecond} messages/s`,
    `rows      ${visit + minute}, distinct ${distinct}, of ${there.devices} devices; rejected ${rejected}`,
    `lag       p50 ${p50}, p99 ${p99}, max ${max}, of a visit from ${visitGapMs} ms after its ts`,
    Math.min(visit, minute) < enoughRows
      ? `growth    not computed from fewer than ${enoughRows} rows of a kind`
      : `growth    ${gigabytes.toFixed(2)} GB/day, computed from ${sizes}`,
  ];
}
