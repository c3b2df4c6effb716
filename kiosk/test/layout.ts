import type { Page } from 'playwright-core';

/** Elements that reach out of the screen, out of their box or into the page's foot, and elements that are cut off. */
export function outside(page: Page): Promise<string[]> {
  return page.evaluate(`[...document.querySelectorAll('main *')]
    .filter((element) => !element.closest('.unseen') && !element.closest('svg'))
    .filter((element) => {
      const { top, left, right, bottom, width } = element.getBoundingClientRect();
      const { display, overflow } = getComputedStyle(element);
      const isBox = overflow === 'visible' && element.clientWidth > 0;
      const spills = isBox && element.scrollWidth > element.clientWidth + 2;
      const sinks = isBox && (display === 'flex' || display === 'grid') && element.scrollHeight > element.clientHeight + 2;
      // The column is filled from its end, and this element covers the one above the column.
      const rises = element.parentElement.matches('.faces') && top < element.parentElement.getBoundingClientRect().top - 1;
      const foot = document.querySelector('main > .foot');
      const covers = foot && element.matches('main > * > *, .faces > *, .attract > *') && !foot.contains(element)
        && bottom > foot.getBoundingClientRect().top + 1;
      const leaves = width > 2 && (right > innerWidth + 1 || bottom > innerHeight + 1 || left < -1);
      // The operator decides how long a title and a device's name are; the page's own words have to fit.
      const cut = element.matches('.overline, .card-name strong, .card-unnamed, .key li, .bar-name, .word')
        && (element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0);
      return cut || rises || covers || leaves || spills || sinks;
    })
    .map((element) => element.tagName + '.' + element.className)`);
}
