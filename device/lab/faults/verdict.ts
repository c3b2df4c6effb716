/** A record in the database, and a record as it arrived. */
export interface Identity {
  readonly kind: 'visit' | 'minute';
  readonly device: string;
  readonly id: string;
  readonly bootId: string;
  readonly seq: number;
  /** Its end, wall clock ms. */
  readonly ts: number;
}

export interface Verdict {
  readonly visits: number;
  readonly minutes: number;
  readonly messages: number;
  /** Messages that repeat an earlier one. They are allowed. */
  readonly copies: number;
  /** Rows of the database that never arrived. */
  readonly lost: readonly string[];
  /** Ids that arrived and are in no database. */
  readonly foreign: readonly string[];
  /** Messages whose boot, number or time is not that of the row, and numbers that two ids share. */
  readonly changed: readonly string[];
  /** Records that arrived for the first time after a later record of their topic. */
  readonly misordered: readonly string[];
}

/**
 * Compares the databases with what arrived.
 *
 * @param rows of all devices; those of one device and kind in the order in which they were written
 * @param received in the order of arrival
 */
export function judge(rows: readonly Identity[], received: readonly Identity[]): Verdict {
  const stored = new Map(rows.map((row) => [keyOf(row), row]));
  const first = new Map<string, Identity>();
  const changed: string[] = [];
  for (const message of received) {
    if (!first.has(keyOf(message))) first.set(keyOf(message), message);
    const row = stored.get(keyOf(message));
    if (row && numberOf(row) !== numberOf(message)) changed.push(message.id);
  }
  return {
    visits: rows.filter(({ kind }) => kind === 'visit').length,
    minutes: rows.filter(({ kind }) => kind === 'minute').length,
    messages: received.length,
    copies: received.length - first.size,
    lost: [...stored].flatMap(([key, { id }]) => (first.has(key) ? [] : [id])),
    foreign: [...first].flatMap(([key, { id }]) => (stored.has(key) ? [] : [id])),
    changed: [...new Set(changed), ...sharedNumbers(rows), ...sharedNumbers([...first.values()])],
    misordered: misorderedIn(rows, [...first.keys()]),
  };
}

export function isClean({ lost, foreign, changed, misordered }: Verdict): boolean {
  return lost.length + foreign.length + changed.length + misordered.length === 0;
}

function misorderedIn(rows: readonly Identity[], arrivals: readonly string[]): string[] {
  const place = new Map(
    rows.map((row, index) => [keyOf(row), { index, topic: `${row.device}/${row.kind}`, id: row.id }]),
  );
  const newest = new Map<string, number>();
  return arrivals.flatMap((key) => {
    const row = place.get(key);
    if (!row) return [];
    const { index, topic, id } = row;
    if (index < (newest.get(topic) ?? -1)) return [id];
    newest.set(topic, index);
    return [];
  });
}

/** Records with the same device, topic, boot and number, which a receiver takes for one. */
function sharedNumbers(records: readonly Identity[]): string[] {
  const owners = new Map<string, string>();
  return records.flatMap(({ kind, device, bootId, seq, id }) => {
    const number = [device, kind, bootId, seq].join();
    const owner = owners.get(number) ?? id;
    owners.set(number, owner);
    return owner === id ? [] : [id];
  });
}

function keyOf({ device, kind, id }: Identity): string {
  return [device, kind, id].join();
}

function numberOf({ bootId, seq, ts }: Identity): string {
  return [bootId, seq, ts].join();
}
