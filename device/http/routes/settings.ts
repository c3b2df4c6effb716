import { createRoute, z } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { type LiveSettingsPatch, livePaths } from '../../config/live-settings.ts';
import { findSetting } from '../../config/settings.ts';
import { settingsSchema } from '../../contract/operator.ts';
import type { Control } from '../../core/control.ts';
import { refuseInvalidAs } from '../answers/errors.ts';
import { sendJson } from '../answers/json.ts';
import { ProblemError } from '../answers/problem.ts';
import { actorOf } from '../auth/actor.ts';
import { resetQuery, settingsPatchSchema } from '../schemas/operator.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, problems } from './route.ts';

export interface SettingsNeeds {
  readonly control: Pick<Control<LiveSettingsPatch>, 'changeSettings' | 'resetSettings'>;
  readonly settings: LiveConfig;
}

/** The live settings, and the overrides that operators make of them. */
export const settingsRoutes: RouteGroup<SettingsNeeds> = (app, { control, settings }) => {
  const shared = { ...groupOf('Operation', 'operator'), request: { query: queryOf({}) } };
  const describe = () => {
    const { paths, isKept, fault, ignored } = settings.overrides;
    return {
      values: { ...settings.values.now },
      configured: { ...settings.values.configured },
      changed: paths,
      profiles: settings.profiles,
      profile: settings.profile,
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
      summary: 'Live settings',
      responses: { 200: jsonAnswer(settingsSchema, 'The values, and the JSON Schema of a change'), ...problems(400) },
    }),
    (c) => sendJson(c, settingsSchema, describe()),
  );
  app.openapi(
    createRoute({
      ...shared,
      method: 'patch',
      path: '/api/v1/settings',
      operationId: 'changeSettings',
      summary: 'Change settings',
      description:
        'Takes effect at once. The daemon stores each change as an override in its data folder. An override survives restarts and takes precedence over file, environment and flags until it is reset. Changing a setting to its configured value removes the override.',
      middleware: shared.middleware,
      request: {
        query: queryOf({}),
        body: { content: { 'application/json': { schema: settingsPatchSchema } }, required: true },
      },
      responses: {
        200: jsonAnswer(settingsSchema, 'The settings after the change'),
        ...problems(400, 408, 413, 415, 422, 503),
      },
    }),
    (c) => {
      const patch = c.req.valid('json') as LiveSettingsPatch;
      control.changeSettings(patch, actorOf(c));
      return sendJson(c, settingsSchema, describe());
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
      description: 'Restores the configured values, at once and for later starts.',
      request: { query: resetQuery },
      responses: { 200: jsonAnswer(settingsSchema, 'The settings after the change'), ...problems(400, 404) },
    }),
    (c) => {
      const { path } = c.req.valid('query');
      const known = [...livePaths, ...settings.overrides.ignored.map((each) => each.path)];
      if (path !== undefined && !known.includes(path)) {
        throw new ProblemError({
          status: 404,
          title: 'No such setting',
          detail: `Expected ${notLive(path)}, got ${JSON.stringify(path)}`,
        });
      }
      control.resetSettings(path, actorOf(c));
      return sendJson(c, settingsSchema, describe());
    },
  );
};

const settingsJsonSchema = z.toJSONSchema(settingsPatchSchema, { io: 'input' }) as Record<string, unknown>;

/** The expected value of a setting, in words. */
function expectedOf(path: string, { code }: { code: string }): string | undefined {
  // The message of a pattern names what it expects.
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
