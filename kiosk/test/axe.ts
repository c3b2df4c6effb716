import axe from 'axe-core';
import type { Page } from 'playwright-core';

const wcag22aa = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** Rules whose result depends on theme, size or language, and not only on the elements of the page. */
const looks = [
  'color-contrast',
  'target-size',
  'scrollable-region-focusable',
  'link-in-text-block',
  'css-orientation-lock',
  'html-has-lang',
  'html-lang-valid',
  'valid-lang',
];

/** Violations of WCAG 2.2 A and AA on the page as it stands, one line each. */
export function wcagViolations(page: Page): Promise<string[]> {
  return violations(page, wcag22aa);
}

/** The same for a state that was checked in full in another theme, size or language: only the rules that these can break. */
export function wcagViolationsOfLook(page: Page): Promise<string[]> {
  return violations(page, looks);
}

async function violations(page: Page, runOnly: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  // Passes would be gathered element by element otherwise.
  const options = { runOnly, resultTypes: ['violations'] };
  return page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) =>
      id + ': ' + help + ' at ' + target.join(' ') + ' (' + failureSummary.replaceAll(/\\s+/g, ' ') + ')')))`);
}
