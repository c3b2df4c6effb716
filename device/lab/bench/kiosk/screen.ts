import type { Browser, CDPSession, Page } from 'playwright-core';

/** What one look at the page told; counters count from its load on. */
export interface PageCounters {
  /** Pictures that were drawn. */
  readonly pictures: number;
  /** Ms of each piece of work that held the main thread for 50 ms or more. */
  readonly longTasks: readonly number[];
  readonly scriptSeconds: number;
  readonly layoutSeconds: number;
  readonly taskSeconds: number;
}

/** Put into the page before its own scripts. */
const probe = `(() => {
  const seen = { pictures: 0, longTasks: [], liveMs: 0 };
  window.mienBench = seen;
  new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) seen.longTasks.push(duration); })
    .observe({ type: 'longtask', buffered: true });
  new MutationObserver((changes) => {
    for (const { attributeName, target } of changes) {
      if (attributeName === 'data-frame') seen.pictures += 1;
      else if (!seen.liveMs && target.dataset.condition === 'live') seen.liveMs = performance.now();
    }
  }).observe(document, { subtree: true, attributeFilter: ['data-frame', 'data-condition'] });
})()`;

/** The kiosk page on a screen of its own. */
export class KioskScreen {
  readonly #page: Page;
  readonly #session: CDPSession;

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  static async open(browser: Browser, url: string): Promise<KioskScreen> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 720 } });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable');
    await page.addInitScript(probe);
    await page.goto(url);
    return new KioskScreen(page, session);
  }

  /** From the start of the navigation until the live picture, its overlay and the readings beside it are shown. */
  async liveMs(): Promise<number> {
    await this.#page.locator('[data-testid=kiosk][data-condition=live]').waitFor({ timeout: 60_000 });
    return (await this.#page.evaluate('mienBench.liveMs')) as number;
  }

  async counters(): Promise<PageCounters> {
    const seen = (await this.#page.evaluate('mienBench')) as Pick<PageCounters, 'pictures' | 'longTasks'>;
    const { metrics } = await this.#session.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
    return {
      pictures: seen.pictures,
      longTasks: seen.longTasks,
      scriptSeconds: of('ScriptDuration'),
      layoutSeconds: of('LayoutDuration') + of('RecalcStyleDuration'),
      taskSeconds: of('TaskDuration'),
    };
  }

  /** In MB, of what is left after the garbage has been collected. */
  async heapMb(): Promise<number> {
    await this.#session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#session.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  }

  /** Addresses of everything that the page has fetched as a file. */
  async files(): Promise<string[]> {
    return (await this.#page.evaluate(
      `[location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)].filter((name) => !name.includes('/api/'))`,
    )) as string[];
  }

  async close(): Promise<void> {
    await this.#page.context().close();
  }
}
