import type { Download } from './reads.ts';

/** Time after which an answer is dropped if its client does not read it. */
export const defaultUnreadMs = 30_000;

/** Closes a download that its client does not read for this time. */
export function dropUnread<Kind extends Download>(download: Kind, unreadMs: number): Kind {
  let isDropped = false;
  let timer: NodeJS.Timeout | undefined;
  const watch = () => {
    timer = setTimeout(() => {
      isDropped = true;
      download.close();
    }, unreadMs).unref();
  };
  watch();
  return {
    ...download,
    async next() {
      clearTimeout(timer);
      if (isDropped) throw new Error('the answer was dropped, because its client did not read it');
      const piece = await download.next();
      if (piece) watch();
      return piece;
    },
    close() {
      clearTimeout(timer);
      download.close();
    },
  };
}
