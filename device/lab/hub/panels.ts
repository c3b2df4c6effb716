import { dashboardFiles } from '../dashboards/dashboards.ts';
import { expanded, type PanelQuery, queriesOf } from '../dashboards/queries.ts';
import type { Database } from './database.ts';
import type { MetricsStore } from './metrics-store.ts';

export interface PanelResult {
  readonly name: string;
  readonly rows: number;
  readonly ms: number;
}

/**
 * Runs the query of every panel, as the role of the dashboards; those of one device for the device with most visits.
 *
 * @param instance device that Prometheus scrapes
 */
export async function runPanels(
  database: Database,
  metrics: MetricsStore,
  instance: string,
): Promise<readonly PanelResult[]> {
  const results: PanelResult[] = [];
  // In a short run a device may have had no visit.
  const [busiest] = await database.rows<{ device: string }>(
    'select device from visit group by device order by count(*) desc limit 1',
  );
  for (const query of [...dashboardFiles().values()].flatMap(queriesOf)) {
    const startedAt = performance.now();
    const device = query.language === 'sql' ? (busiest?.device ?? instance) : instance;
    const rows = await rowsOf(query, expanded(query, device), database, metrics);
    results.push({ name: query.name, rows, ms: Math.round(performance.now() - startedAt) });
  }
  return results;
}

async function rowsOf(query: PanelQuery, text: string, database: Database, metrics: MetricsStore): Promise<number> {
  if (query.language === 'promql') return metrics.count(text);
  // A query without data returns one row without a value.
  const rows = await database.rows(text, 'mien_dashboard');
  return rows.filter((row) => Object.values(row).some((value) => value !== null)).length;
}
