import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { dashboardFiles, dashboardFolder } from './dashboards.ts';
import { expanded, queriesOf } from './queries.ts';

const files = dashboardFiles();
const queries = [...files.values()].flatMap(queriesOf);
const promql = queries.filter(({ language }) => language === 'promql');

test('the deployed dashboards are those of the source (npm run dashboards)', () => {
  expect(readdirSync(dashboardFolder).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(readFileSync(join(dashboardFolder, name), 'utf8'), name).toBe(text);
});

test('each panel has a description, a unit and queries', () => {
  for (const text of files.values()) {
    const { title, panels } = JSON.parse(text);
    for (const panel of panels) {
      expect(panel.description, `${title} / ${panel.title}`).toMatch(/\.$/);
      expect(panel.fieldConfig.defaults.unit, `${title} / ${panel.title}`).toBeTruthy();
      expect(panel.targets.length, `${title} / ${panel.title}`).toBeGreaterThan(0);
    }
  }
});

test.each(promql)('PromQL of $name: $text', (query) => {
  expect(syntaxErrors(expanded(query, 'lobby'))).toEqual([]);
});

test('the metrics of devices in the queries exist', () => {
  const known = readFileSync(join(packageRoot, 'device/sinks/metrics/README.md'), 'utf8');
  const names = promql.flatMap(({ text }) => text.match(/mien_\w+/g) ?? []).map((name) => name.replace(/_bucket$/, ''));
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !known.includes(`| \`${name}\` `))).toEqual([]);
});

test('a broken PromQL expression is noticed', () => {
  expect(syntaxErrors('sum by (le (rate(x[5m]))')).not.toEqual([]);
});

test('an unknown variable is noticed', () => {
  const query = { name: 'Fleet / Visits', language: 'sql', text: 'select $__interval' } as const;
  expect(() => expanded(query, 'lobby')).toThrow('Fleet / Visits: no value for $__interval');
});

test('every query of PostgreSQL over time is limited to the range of the dashboard', () => {
  const unlimited = queries.filter(({ language, text }) => language === 'sql' && /hour_by|from visit/.test(text));
  for (const { name, text } of unlimited) expect(text, name).toContain('$__timeFilter(');
});

function syntaxErrors(expression: string): string[] {
  const errors: string[] = [];
  parser.parse(expression).iterate({
    enter({ type, from, to }) {
      if (type.isError) errors.push(`at ${from}: ${expression.slice(Math.max(0, from - 10), to + 10)}`);
    },
  });
  return errors;
}
