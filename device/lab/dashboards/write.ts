/** `npm run dashboards`: writes the dashboards of Grafana. */
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboardFiles, dashboardFolder } from './dashboards.ts';

const files = dashboardFiles();
for (const name of readdirSync(dashboardFolder)) if (!files.has(name)) rmSync(join(dashboardFolder, name));
for (const [name, text] of files) writeFileSync(join(dashboardFolder, name), text);
console.log(`${files.size} dashboards in ${dashboardFolder}`);
