import { expect, test } from 'vitest';
import { wcagViolations, wcagViolationsOfLook } from './axe.ts';
import { openSection, setOperatorStage, showHappy } from './operator-page.ts';
import { screens } from './screens.ts';
import { describeInChromium } from './stage.ts';

describeInChromium('the operator page fits every screen', () => {
  const stage = setOperatorStage();

  test.each([...screens, ['urdu-large', { width: 1920, height: 1080 }, 'theme=dark&lang=ur']])(
    'on a %s screen every section fits, reads well, and breaks no rule of WCAG 2.2 AA',
    async (name, viewport, query) => {
      const inAxe = name === 'small' ? wcagViolations : wcagViolationsOfLook;
      const opened = await openSection(stage, 'now', { viewport }, query);
      const { page, complaints } = opened;
      showHappy(stage, opened.made);
      const ready = {
        now: '.tile .plot canvas',
        history: '.chart .plot canvas',
        settings: '.setting',
        model: '[data-testid=classes]',
        logs: '.log li',
        system: '[data-testid=configuration]',
      };
      for (const [section, selector] of Object.entries(ready)) {
        await page.evaluate(`location.hash = '${section}'`);
        const shown = page.locator(`.page[data-section=${section}]`);
        await shown.locator(selector).first().waitFor();
        await shown.locator('.loading').first().waitFor({ state: 'detached' });
        // The picture of a section begins with the next frame.
        await shown.locator('.picture[data-live=false]').waitFor({ state: 'detached' });
        await page.evaluate('document.fonts.ready');
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), section).toBeLessThanOrEqual(
          0,
        );
        expect(await inAxe(page), section).toEqual([]);
        const differs = await stage.references.differs(`${section}-${name}`, page);
        expect(differs, section).toBeUndefined();
      }
      expect(complaints).toEqual([]);
    },
  );
});
