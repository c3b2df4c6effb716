import { type Family, flag, one } from '../family.ts';

/** Log, outbox, viewers and screen. */
export const deliveryFamilies: readonly Family[] = [
  {
    type: 'gauge',
    name: 'mien_store_pending_rows',
    help: 'Rows in memory that the log could not write yet.',
    read: ({ state }) => one(state.store.pending ?? 0),
  },
  {
    type: 'gauge',
    name: 'mien_written_bytes_per_day',
    help: 'Bytes that the processes of Mien write to disks per day, as estimated by Mien; absent until it has one.',
    read: ({ state: { store } }) => one(store.writtenMbPerDay && store.writtenMbPerDay * 1e6),
  },
  {
    type: 'gauge',
    name: 'mien_outbox_waiting_records',
    help: 'Records that the broker has not acknowledged yet.',
    read: ({ state }) => one(state.store.outbox?.waiting),
  },
  {
    type: 'gauge',
    name: 'mien_outbox_oldest_age_seconds',
    help: 'Age of the oldest record that waits; 0 where none waits.',
    read: ({ state: { store }, now }) => one(store.outbox && ageSeconds(store.outbox.oldestTs, now)),
  },
  {
    type: 'counter',
    name: 'mien_outbox_lost_total',
    help: 'Records that were dropped because the outbox was full.',
    read: ({ state }) => one(state.store.outbox?.lost),
  },
  {
    type: 'gauge',
    name: 'mien_uploads_waiting',
    help: 'Uploaded pictures that are being classified or wait for it.',
    read: ({ uploadsWaiting }) => one(uploadsWaiting),
  },
  {
    type: 'gauge',
    name: 'mien_viewers',
    help: 'Viewers of the live picture.',
    read: ({ live }) => one(live.viewers),
  },
  {
    type: 'counter',
    name: 'mien_viewer_frames_total',
    help: 'Frames for viewers: delivered, or dropped for a newer one.',
    labels: ['outcome'],
    read: ({ live }) =>
      (['delivered', 'dropped'] as const).map((outcome) => ({ labels: { outcome }, value: live[outcome] })),
  },
  {
    type: 'gauge',
    name: 'mien_screen_seen_timestamp_seconds',
    help: 'Time of the newest heartbeat of a kiosk page; absent until one has arrived.',
    read: ({ screen }) => one(screen && screen.seenAt / 1000),
  },
  {
    type: 'gauge',
    name: 'mien_screen_visible',
    help: '1 if the browser showed the kiosk page at its newest heartbeat; absent until one has arrived.',
    read: ({ screen }) => (screen ? flag(screen.visible) : []),
  },
];

/** A clock that was set back does not make a record younger than now. */
function ageSeconds(ts: number | undefined, now: number): number {
  return ts === undefined ? 0 : Math.max(0, now - ts) / 1000;
}
