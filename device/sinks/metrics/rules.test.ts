/** The files for the Prometheus of a hub: those of devices fit their metrics, and each alert fires when it should. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../../core/paths.ts';
import { fullDevice } from '../../lab/fixtures/device-now.ts';
import { runPromtool, whyNoPromtool } from '../../lab/fixtures/promtool.ts';
import { scratchFolder } from '../../lab/fixtures/scratch.ts';
import { families } from './families.ts';
import { MetricsPage } from './page.ts';

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface AlertCase {
  readonly alertname: string;
  readonly exp_alerts: readonly unknown[];
}

const folder = join(packageRoot, 'ansible/roles/hub/files/prometheus');
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

/** The rules of a file and the cases beside it. */
function rulesOf(name: string) {
  const { groups } = load(read(`${name}.rules.yml`)) as { groups: readonly { rules: readonly Rule[] }[] };
  const { tests } = load(read(`${name}.rules.test.yml`)) as {
    tests: readonly { alert_rule_test?: readonly AlertCase[] }[];
  };
  const rules = groups.flatMap((group) => group.rules);
  const cases = tests.flatMap(({ alert_rule_test: alertCases = [] }) => alertCases);
  return { name, rules, cases, alerts: rules.filter(({ alert }) => alert !== undefined) };
}

const device = rulesOf('mien');
const files = [device, rulesOf('hub')];

describe.each(files)('each alert of $name', ({ alerts, cases }) => {
  test.each(alerts)('$alert has a severity and a remedy, fires in one case and does not in another', (rule) => {
    expect(['critical', 'warning']).toContain(rule.labels?.severity);
    expect(rule.annotations?.summary).toMatch(/^.{10,70}$/);
    expect(rule.annotations?.description?.length).toBeGreaterThan(80);
    const fires = cases.filter(({ alertname }) => alertname === rule.alert).map((each) => each.exp_alerts.length > 0);
    expect(new Set(fires)).toEqual(new Set([true, false]));
  });
});

test('the rules of devices name metrics, labels and values that the device has', async () => {
  const page = await new MetricsPage().write(fullDevice());
  const recorded = device.rules.map(({ record }) => record);
  for (const { expr } of device.rules) {
    const names = [...expr.matchAll(/[\w:]*\bmien_\w+(:\w+)?/g)].map(([name]) => name);
    for (const name of names) {
      const family = name.replace(/_(bucket|sum|count)$/, '');
      expect([...recorded, ...families.map((each) => each.name)], expr).toContain(family);
    }
    for (const [, label, value] of expr.matchAll(/(\w+)!?="([^"]+)"/g)) {
      if (label !== 'job') expect(page).toContain(`${label}="${value}"`);
    }
  }
});

/** Each case makes a database of its own: seconds, and half a minute on a busy machine. */
const timeout = 120_000;

describe.skipIf(whyNoPromtool)(`promtool${whyNoPromtool}`, { timeout }, () => {
  const scratch = scratchFolder();
  cpSync(folder, scratch, { recursive: true });

  test.each(files)('finds no fault in the rules of $name', ({ name, rules }) => {
    const { status, output } = runPromtool(['check', 'rules', '--lint=all', '--lint-fatal', `${name}.rules.yml`], {
      cwd: folder,
    });
    expect(output).toContain(`SUCCESS: ${rules.length} rules found`);
    expect(status).toBe(0);
  });

  test('finds no fault in the configuration, whose secrets are files', () => {
    const check = () => runPromtool(['check', 'config', 'prometheus.yml'], { cwd: scratch });
    expect(check()).toEqual({ status: 1, output: expect.stringContaining('mien.token') });
    writeFileSync(join(scratch, 'mien.token'), 'a token');
    expect(check()).toEqual({ status: 0, output: expect.stringContaining('prometheus.yml is valid') });
  });

  test.each(files)('finds each alert of $name firing when it should, in simulated time', ({ name }) => {
    const { status, output } = runPromtool(['test', 'rules', `${name}.rules.test.yml`], { cwd: folder });
    expect(output).toContain('SUCCESS');
    expect(status).toBe(0);
  });

  test.each(files)('finds every case of $name that fires failing with alerts that never fire', ({ name, cases }) => {
    const silent = read(`${name}.rules.yml`).replaceAll(
      /(alert: \w+\n +expr:) (>-\n( {10}.*\n)+|.*\n)/g,
      '$1 vector(0) > 1\n',
    );
    writeFileSync(join(scratch, `${name}.rules.yml`), silent);
    const { status, output } = runPromtool(['test', 'rules', `${name}.rules.test.yml`], { cwd: scratch });
    expect(status).toBe(1);
    const fired = cases.filter((each) => each.exp_alerts.length > 0);
    for (const { alertname } of fired) expect(output).toContain(`alertname: ${alertname},`);
  });
});
