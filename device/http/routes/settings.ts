import { createRoute, z } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { type LiveSettingsPatch, livePaths } from '../../config/live-settings.ts';
import { findSetting } from '../../config/settings.ts';
import type { Control } from '../../core/control.ts';
import { refuseInvalidAs } from '../answers/errors.ts';
import { ProblemError } from '../answers/problem.ts';
import { actorOf } from '../auth/actor.ts';
import { resetQuery, settingsPatchSchema, settingsSchema } from '../schemas/operator.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, neverStored, problems } from './route.ts';

export interface SettingsNeeds {
  readonly control: Pick<Control<LiveSettingsPatch>, 'changeSettings' | 'resetSettings'>;
  readonly settings: LiveConfig;
}

/** The settings that take effect at once, and the overrides that operators make of them. */
export const settingsRoutes: RouteGroup<SettingsNeeds> = (app, { control, settings }) => {
  const shared = { ...groupOf('Operation', 'operator'), request: { query: queryOf({}) } };
  const describe = () => {
    const { paths, isKept, fault, ignored } = settings.overrides;
    return {
      values: { ...settings.values.now },
      configured: { ...settings.values.configured },
      changed: paths,
      yaml: settings.yaml,
      overrides: { isKept, ...(fault !== undefined && { fault }), ignored },
      schema: settingsJsonSchema,
    };
  };

  app.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: '/api/v1/settings',
      operationId: 'getSettings',
      summary: 'Settings that take effect at once',
      responses: { 200: jsonAnswer(settingsSchema, 'Their values, and the schema of a change'), ...problems(400) },
    }),
    (c) => c.json(describe() as z.input<typeof settingsSchema>, 200, neverStored),
  );
  app.openapi(
    createRoute({
      ...shared,
      method: 'patch',
      path: '/api/v1/settings',
      operationId: 'changeSettings',
      summary: 'Change settings',
      description:
        'Takes effect at once. The daemon keeps each change as an override in its data folder: it holds over a restart, before what file, environment and flags say, until it is reset. A setting that is changed to what the configuration says is no override any more.',
      middleware: shared.middleware,
      request: {
        query: queryOf({}),
        body: { content: { 'application/json': { schema: settingsPatchSchema } }, required: true },
      },
      responses: { 200: jsonAnswer(settingsSchema, 'The settings now'), ...problems(400, 408, 413, 415, 422, 503) },
    }),
    (c) => {
      const patch = c.req.valid('json') as LiveSettingsPatch;
      control.changeSettings(patch, actorOf(c));
      return c.json(describe() as z.input<typeof settingsSchema>, 200, neverStored);
    },
    refuseInvalidAs(expectedOf),
  );
  app.openapi(
    createRoute({
      ...shared,
      method: 'delete',
      path: '/api/v1/settings',
      operationId: 'resetSettings',
      summary: 'Reset overrides',
      description: 'What the configuration says is in force again, at once and after a restart.',
      request: { query: resetQuery },
      responses: { 200: jsonAnswer(settingsSchema, 'The settings now'), ...problems(400, 404) },
    }),
    (c) => {
      const { path } = c.req.valid('query');
      const known = [...livePaths, ...settings.overrides.ignored.map((each) => each.path)];
      if (path !== undefined && !known.includes(path)) {
        throw new ProblemError({ status: 404, title: 'No such setting', detail: `Expected ${notLive(path)}` });
      }
      control.resetSettings(path, actorOf(c));
      return c.json(describe() as z.input<typeof settingsSchema>, 200, neverStored);
    },
  );
};

const settingsJsonSchema = z.toJSONSchema(settingsPatchSchema, { io: 'input' }) as Record<string, unknown>;

/** What a setting expects, in words; nothing for what is none. */
function expectedOf(path: string, { code }: { code: string }): string | undefined {
  // A pattern says in its message what it stands for.
  if (code === 'invalid_format') return undefined;
  if (livePaths.includes(path)) return findSetting(path)?.expected;
  const isSection = livePaths.some((each) => each.startsWith(`${path}.`));
  return path === '' || isSection ? 'an object of settings' : notLive(path);
}

function notLive(path: string): string {
  return findSetting(path)
    ? 'a setting that takes effect at once; this one belongs to the configuration and needs a restart'
    : 'a setting that takes effect at once, such as camera.fps';
}
