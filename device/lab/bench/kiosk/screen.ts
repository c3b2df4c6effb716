import type { Browser, CDPSession, Page } from 'playwright-core';

/** One measurement of the page; counters start at its load. */
export interface PageCounters {
  /** Number of drawn pictures. */
  readonly pictures: number;
  /** Duration of each long task (50 ms or more on the main thread), in ms. */
  readonly longTasks: readonly number[];
  readonly scriptSeconds: number;
  readonly layoutSeconds: number;
  readonly taskSeconds: number;
}

/** Injected before the scripts of the page. */
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

/** The kiosk page in its own browser. */
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

  /** Time from the start of the navigation until live picture, overlay and readings are shown. */
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

  /** Heap in MB after a garbage collection. */
  async heapMb(): Promise<number> {
    await this.#session.send('HeapProfiler.collectGarbage');
    const { usedSize } = await this.#session.send('Runtime.getHeapUsage');
    return usedSize / 1e6;
  }

  /** URLs of all files that the page has loaded. */
  async files(): Promise<string[]> {
    return (await this.#page.evaluate(
      `[location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)].filter((name) => !name.includes('/api/'))`,
    )) as string[];
  }

  async close(): Promise<void> {
    await this.#page.context().close();
  }
}
