/** A query of a panel or a variable, as Grafana sends it. */
export interface PanelQuery {
  /** `Mien: fleet / Visits` */
  readonly name: string;
  readonly language: 'sql' | 'promql';
  readonly text: string;
}

interface DashboardJson {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly TargetJson[] }[];
  readonly templating?: { readonly list: readonly { readonly name: string; readonly query: string }[] };
}

type TargetJson = { readonly rawSql: string } | { readonly expr: string };

/** Every query of a dashboard, variables included. */
export function queriesOf(json: string): readonly PanelQuery[] {
  const { title, panels, templating } = JSON.parse(json) as DashboardJson;
  const ofVariables = (templating?.list ?? []).map(
    ({ name, query }): PanelQuery => ({ name: `${title} / $${name}`, language: 'sql', text: query }),
  );
  const ofPanels = panels.flatMap((panel) =>
    panel.targets.map((target): PanelQuery => {
      const name = `${title} / ${panel.title}`;
      if ('rawSql' in target) return { name, language: 'sql', text: target.rawSql };
      return { name, language: 'promql', text: target.expr };
    }),
  );
  return [...ofVariables, ...ofPanels];
}

/**
 * The query with Grafana's macros and variables replaced, for the last 6 hours.
 *
 * @throws Error if a macro or a variable is left that Grafana would replace and this does not
 */
export function expanded({ name, language, text }: PanelQuery, device: string): string {
  const sql = text
    .replace(/\$__timeFilter\(([^)]+)\)/g, "$1 between now() - interval '6 hours' and now() + interval '1 minute'")
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
    .replaceAll('${device:sqlstring}', `'${device}'`);
  const promql = text
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '6h')
    .replaceAll('"$device"', `"${device}"`);
  const query = language === 'sql' ? sql : promql;
  const left = /\$(?!SYS\/)[\w{]+/.exec(query);
  if (left) throw new Error(`${name}: no value for ${left[0]}; name it in device/lab/dashboards/queries.ts`);
  return query;
}
