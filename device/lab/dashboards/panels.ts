import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  BigValueGraphMode,
  GraphDrawStyle,
  StackingMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { postgresql, sourceOf } from './targets.ts';

/** Content of every panel. */
interface Content {
  readonly title: string;
  /** One sentence, shown at the panel's corner. */
  readonly description: string;
  /** Unit id of Grafana. */
  readonly unit: string;
  readonly targets: readonly Builder<Dataquery>[];
}

/** Columns of Grafana's grid, which has 24. */
const half = 12;
const quarter = 6;

export function chart(content: Content, look: { readonly stacked?: boolean; readonly max?: number } = {}) {
  const panel = filled(new TimeseriesBuilder(), content).span(half).height(8).min(0);
  panel.showPoints(VisibilityMode.Auto).fillOpacity(10).spanNulls(false);
  if (look.max !== undefined) panel.max(look.max);
  if (!look.stacked) return panel;
  const stacking = new common.StackingConfigBuilder().mode(StackingMode.Normal);
  return panel.drawStyle(GraphDrawStyle.Bars).fillOpacity(80).stacking(stacking);
}

/** One number; `alarm` is the value from which it is red. */
export function figure(content: Content, alarm?: number) {
  const panel = filled(new StatBuilder(), content).span(quarter).height(4).graphMode(BigValueGraphMode.None);
  const steps = [{ value: null, color: 'green' }, ...(alarm === undefined ? [] : [{ value: alarm, color: 'red' }])];
  const thresholds = new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
  const newest = new common.ReduceDataOptionsBuilder().calcs(['lastNotNull']);
  return panel.thresholds(thresholds).reduceOptions(newest);
}

export function table(content: Content) {
  return filled(new TableBuilder(), content).span(24).height(10);
}

/** A dashboard with one name for file, uid and link. */
export function sheet(uid: string, title: string, range: string): dashboard.DashboardBuilder {
  return new dashboard.DashboardBuilder(title)
    .uid(uid)
    .tags(['mien'])
    .time({ from: range, to: 'now' })
    .timezone('browser')
    .refresh('1m')
    .readonly()
    .link(new dashboard.DashboardLinkBuilder('Mien').type(dashboard.DashboardLinkType.Dashboards).tags(['mien']));
}

/** The device, or the devices, that the dashboard shows. */
export function deviceVariable(many: boolean): dashboard.QueryVariableBuilder {
  return new dashboard.QueryVariableBuilder('device')
    .label('Device')
    .datasource(postgresql)
    .query("select distinct device from minute where hour > now() - interval '2 days' order by device")
    .refresh(dashboard.VariableRefresh.OnTimeRangeChanged)
    .multi(many)
    .includeAll(many);
}

/** What the panel builders of the SDK have in common. */
interface AnyPanel {
  title(text: string): unknown;
  description(text: string): unknown;
  unit(id: string): unknown;
  datasource(source: common.DataSourceRef): unknown;
  withTarget(target: Builder<Dataquery>): unknown;
}

function filled<Panel extends AnyPanel>(panel: Panel, { title, description, unit, targets }: Content): Panel {
  panel.title(title);
  panel.description(description);
  panel.unit(unit);
  panel.datasource(sourceOf(targets[0]!));
  for (const target of targets) panel.withTarget(target);
  return panel;
}
