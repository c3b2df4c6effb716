import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Waits until the condition holds in the page. Playwright's `waitForFunction` evaluates text inside the page, which the
 * page's security policy rightly forbids. While the page reloads the condition does not hold.
 */
export async function until(page: Page, condition: string): Promise<void> {
  const holds = () => page.evaluate(`Boolean(${condition})`).catch(() => false);
  await expect.poll(holds, { timeout: 60_000, message: condition }).toBe(true);
}
