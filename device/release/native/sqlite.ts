import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilerOf, once, type Workshop } from '../workshop.ts';
import { compileAddon } from './node-gyp.ts';

/** Compiles better-sqlite3 for the Node of the artifact. @returns the file */
export async function buildSqlite(workshop: Workshop, node: string): Promise<string> {
  const { root, target, builds } = workshop;
  const source = join(root, 'node_modules/better-sqlite3');
  const step = {
    title: `better-sqlite3 for ${target.arch}`,
    folder: join(builds, 'sqlite'),
    key: [readFileSync(join(source, 'package.json')), node, await compilerOf(target)],
  };
  const folder = await once(workshop, step, async (cwd, note) => {
    for (const name of ['package.json', 'binding.gyp', 'deps', 'src'])
      cpSync(join(source, name), join(cwd, name), { recursive: true });
    await compileAddon(workshop, { what: 'better-sqlite3', cwd, node, note });
  });
  return join(folder, 'build/Release/better_sqlite3.node');
}
