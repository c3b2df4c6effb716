import { dump, load } from 'js-yaml';
import { z } from 'zod';
import { exitCode, MienError } from '../../core/errors.ts';
import { readIfThere, writeIfChanged } from './disk.ts';
import type { Host } from './host.ts';

const days: readonly string[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const time = '([01]\\d|2[0-3]):([0-5]\\d)';
const hoursForm = new RegExp(`^(?:(${days.join('|')})(?:-(${days.join('|')}))? )?${time}-${time}$`, 'i');

/** `/etc/mien/update.yaml` */
const settingsSchema = z.strictObject({
  /** Address or folder of the mirror. */
  from: z.string().min(1).optional(),
  channel: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,31}$/)
    .default('stable'),
  /** Opening hours, in which no update happens: `09:00-18:00`, `mon-fri 09:00-18:00`, `sat 20:00-02:00`. */
  hours: z.array(z.string().regex(hoursForm, 'expected hours such as "mon-fri 09:00-18:00"')).default([]),
});

export type UpdateSettings = z.infer<typeof settingsSchema>;

/** @throws MienError with the first mistake */
export function readSettings({ at }: Host): UpdateSettings {
  const text = readIfThere(at.settings)?.toString('utf8') ?? '';
  const parsed = settingsSchema.safeParse(parseYaml(at.settings, text) ?? {});
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new MienError(`${at.settings}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`, {
    code: exitCode.config,
    remedy: 'Correct it: from (address or folder), channel (stable), hours (list of opening hours)',
  });
}

/** For root alone: the address may hold a login. @returns whether the file changed */
export function writeSettings({ at }: Host, settings: UpdateSettings): boolean {
  return writeIfChanged(at.settings, dump(settingsSchema.parse(settings)), 0o600);
}

/** The opening hours that this moment is in, by the clock of the device. */
export function openingHoursAt(hours: readonly string[], now: Date): string | undefined {
  return hours.find((each) => isWithin(each, now));
}

function isWithin(hours: string, now: Date): boolean {
  const [, first, last, ...clock] = hoursForm.exec(hours) ?? [];
  const [fromHour, fromMinute, toHour, toMinute] = clock.map(Number) as [number, number, number, number];
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute];
  const minute = now.getHours() * 60 + now.getMinutes();
  const isOn = (day: number) => isDayWithin(day, first, last ?? first);
  const today = now.getDay();
  if (from < to) return isOn(today) && minute >= from && minute < to;
  // Over midnight: the early part belongs to the day before.
  return (isOn(today) && minute >= from) || (isOn((today + 6) % 7) && minute < to);
}

function isDayWithin(day: number, first: string | undefined, last: string | undefined): boolean {
  if (first === undefined || last === undefined) return true;
  const [from, to] = [first, last].map((name) => days.indexOf(name.toLowerCase())) as [number, number];
  return from <= to ? day >= from && day <= to : day >= from || day <= to;
}

function parseYaml(file: string, text: string): unknown {
  if (text.split('\n').every((line) => /^\s*(#.*)?$/.test(line))) return {};
  try {
    return load(text, { filename: file });
  } catch (cause) {
    throw new MienError(`${file} is no YAML: ${(cause as Error).message.split('\n', 1)[0]}`, {
      code: exitCode.config,
      remedy: 'Correct it, or delete it and give --from',
      cause,
    });
  }
}
