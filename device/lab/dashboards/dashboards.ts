import { join } from 'node:path';
import { packageRoot } from '../../core/paths.ts';
import { audienceDashboard } from './audience.ts';
import { fleetDashboard } from './fleet.ts';
import { deviceDashboard } from './one-device.ts';
import { pipelineDashboard } from './pipeline.ts';

/** Grafana reads every file here, see grafana/provisioning/dashboards. */
export const dashboardFolder = join(packageRoot, 'ansible/roles/hub/files/grafana/dashboards');

const builders = [fleetDashboard, deviceDashboard, audienceDashboard, pipelineDashboard];

/** The dashboards as JSON, by the name of their file. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  const built = builders.map((builder) => builder().build());
  return new Map(built.map((each) => [`${each.uid}.json`, `${JSON.stringify(each, null, 2)}\n`]));
}
