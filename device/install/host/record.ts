import { z } from 'zod';
import { exitCode, MienError } from '../../core/errors.ts';
import { observationSchema } from '../gate/observation.ts';
import { readIfThere, removeDurably, writeDurably } from './disk.ts';
import type { Host } from './host.ts';

/** The steps of a change, in their order. */
const changeSteps = ['stop', 'copy', 'switch', 'start', 'judge', 'go-back'] as const;

/** `update.json`: a change of the release in progress. The next command finishes it or goes back. */
const changeSchema = z.object({
  verb: z.enum(['install', 'update', 'rollback']),
  from: z.string(),
  to: z.string(),
  /** The link `previous` before the change. */
  previous: z.string().nullable(),
  step: z.enum(changeSteps),
  /** What the device did before; null if it did not run. */
  before: observationSchema.nullable(),
  /** Why it goes back. */
  reason: z.string().optional(),
  startedAt: z.iso.datetime(),
});

export type Change = z.infer<typeof changeSchema>;

/** `hold.json`: the operator's lock against updates. */
const holdSchema = z.object({ reason: z.string(), since: z.iso.datetime(), by: z.string() });
export type Hold = z.infer<typeof holdSchema>;

/** `postponed.json`: an update that waits. */
const postponedSchema = z.object({ version: z.string(), reason: z.string(), since: z.iso.datetime() });
export type Postponed = z.infer<typeof postponedSchema>;

/** A small JSON file of the host that is there or not. */
export interface Note<T> {
  read(): T | undefined;
  write(value: T): void;
  remove(): void;
}

export const changeNote = (host: Host): Note<Change> => noteIn(host.at.record, changeSchema);
export const holdNote = (host: Host): Note<Hold> => noteIn(host.at.hold, holdSchema);
export const postponedNote = (host: Host): Note<Postponed> => noteIn(host.at.postponed, postponedSchema);

function noteIn<T>(file: string, schema: z.ZodType<T>): Note<T> {
  return {
    read() {
      const bytes = readIfThere(file);
      if (bytes === undefined) return undefined;
      try {
        return schema.parse(JSON.parse(bytes.toString('utf8')));
      } catch (cause) {
        throw new MienError(`${file}: expected a note of Mien, got something else`, {
          code: exitCode.badData,
          remedy: 'Look at the file, then delete it and run the command again',
          cause,
        });
      }
    },
    write: (value) => writeDurably(file, `${JSON.stringify(value, null, 2)}\n`),
    remove: () => {
      if (readIfThere(file) !== undefined) removeDurably(file);
    },
  };
}
