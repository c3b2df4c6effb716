import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';

/** Data sources by their uid in ansible/roles/hub/files/grafana/provisioning/datasources. */
export const postgresql: DataSourceRef = { type: 'grafana-postgresql-datasource', uid: 'mien-postgresql' };
const prometheus: DataSourceRef = { type: 'prometheus', uid: 'mien-prometheus' };

interface SqlQuery extends Dataquery {
  readonly refId: string;
  readonly datasource: DataSourceRef;
  readonly format: 'table' | 'time_series';
  readonly rawSql: string;
  readonly rawQuery: true;
  readonly editorMode: 'code';
}

/** A query of PostgreSQL. The SDK has no type for it. */
class SqlQueryBuilder implements Builder<Dataquery> {
  readonly #query: SqlQuery;

  constructor(format: SqlQuery['format'], rawSql: string, refId: string) {
    this.#query = {
      ...{ refId, datasource: postgresql, format, rawSql, rawQuery: true, editorMode: 'code' },
      _implementsDataqueryVariant: () => {},
    };
  }

  build(): SqlQuery {
    return this.#query;
  }
}

/** Rows with a column `time` and one value column per series, or a text column `metric` that names the series. */
export function overTime(sql: string, refId = 'A'): Builder<Dataquery> {
  return new SqlQueryBuilder('time_series', oneLine(sql), refId);
}

export function rows(sql: string, refId = 'A'): Builder<Dataquery> {
  return new SqlQueryBuilder('table', oneLine(sql), refId);
}

/** PromQL over the range of the dashboard. */
export function promql(expression: string, legend: string, refId = 'A'): Builder<Dataquery> {
  return new DataqueryBuilder().datasource(prometheus).expr(expression).legendFormat(legend).range().refId(refId);
}

/** PromQL at the end of the range. */
export function promqlNow(expression: string, legend: string, refId = 'A'): Builder<Dataquery> {
  return new DataqueryBuilder().datasource(prometheus).expr(expression).legendFormat(legend).instant().refId(refId);
}

/** A panel shows its query as it stands; line breaks of the source are of no use there. */
function oneLine(sql: string): string {
  return sql.trim().replace(/\s+/g, ' ');
}

/** The data source of a query. A panel without its own would show that of Grafana's default. */
export function sourceOf(target: Builder<Dataquery>): DataSourceRef {
  const { datasource } = target.build() as Dataquery & { readonly datasource: DataSourceRef };
  return datasource;
}
