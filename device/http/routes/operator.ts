import { createRoute } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { livePaths } from '../../config/live-settings.ts';
import { maskValue } from '../../config/mask.ts';
import { noProfile } from '../../config/profiles.ts';
import { settings as allSettings, valueAt } from '../../config/settings.ts';
import { configSchema, controlSchema, logsSchema } from '../../contract/operator.ts';
import { toOutside } from '../../contract/outside.ts';
import { type DeviceView, deviceViewSchema } from '../../contract/state.ts';
import type { Clock } from '../../core/clock.ts';
import type { Actor, Control } from '../../core/control.ts';
import { maskAll, maskUrls } from '../../core/mask.ts';
import type { StateBoard } from '../../core/state.ts';
import type { LogRing } from '../../ops/log-ring.ts';
import { sendJson } from '../answers/json.ts';
import { ProblemError } from '../answers/problem.ts';
import { actorOf } from '../auth/actor.ts';
import { logsQuery, profileBody } from '../schemas/operator.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, neverStored, problems } from './route.ts';

/** The daemon's own records, for operators. */
export interface OperatorRecords {
  /** The newest lines of at least this severity, oldest first. */
  readonly logs: LogRing['lines'];
  /** The origin of each value that is not a default. */
  readonly sources: ReadonlyMap<string, string>;
  readonly configFile: string | undefined;
  /** A zip of these parts and of further diagnostics. */
  readonly supportBundle: (parts: Readonly<Record<string, unknown>>) => Promise<Uint8Array<ArrayBuffer>>;
}

export interface OperatorNeeds {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly control: Pick<Control<never>, 'pause' | 'resume' | 'restartVision' | 'applyProfile'>;
  readonly facts: { readonly isPaused: () => boolean };
  readonly records: OperatorRecords;
  readonly settings: LiveConfig;
  readonly view: () => DeviceView;
}

/** Control of the device, its configuration and its log: for operators only. The settings have a group of their own. */
export const operatorRoutes: RouteGroup<OperatorNeeds> = (app, needs) => {
  const { board, clock, control, facts, records, settings, view } = needs;
  const shared = { ...groupOf('Operation', 'operator'), request: { query: queryOf({}) } };

  let bundle: ReturnType<OperatorRecords['supportBundle']> | undefined;
  const describeConfig = () => describeConfiguration(settings, records);
  // A bundle goes to other people, so texts that leave as written elsewhere (kiosk.privacyUrl) are masked here.
  const statesOf = () =>
    maskAll(
      { state: toOutside(deviceViewSchema, view()), config: toOutside(configSchema, describeConfig()) },
      maskUrls,
    );
  app.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: '/api/v1/config',
      operationId: 'getConfig',
      summary: 'Configuration',
      description: 'Each setting with its value and the source of the value. Secrets are masked.',
      responses: { 200: jsonAnswer(configSchema, 'The configuration'), ...problems(400) },
    }),
    (c) => sendJson(c, configSchema, describeConfig()),
  );

  app.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: '/api/v1/logs',
      operationId: 'listLogLines',
      summary: 'Log of the daemon',
      request: { query: logsQuery },
      responses: { 200: jsonAnswer(logsSchema, 'The newest lines, oldest first'), ...problems(400) },
    }),
    (c) => {
      const { level = 'info', limit = 200 } = c.req.valid('query');
      return sendJson(c, logsSchema, { lines: records.logs({ level, limit }) });
    },
  );

  const conditionNow = () => ({
    paused: facts.isPaused(),
    camera: board.current.camera.state,
    vision: board.current.vision.state,
    profile: settings.profile,
  });

  const actions = [
    [
      'pause',
      'pauseCamera',
      'Close the camera',
      'Detection stops until `resume`, also after a restart of the device. The pages show that the camera is paused.',
      (actor: Actor) => control.pause(actor),
    ],
    ['resume', 'resumeCamera', 'Open the camera again', undefined, (actor: Actor) => control.resume(actor)],
    [
      'restart-vision',
      'restartVision',
      'Restart the vision process',
      'The camera is reopened. The pages stay connected.',
      (actor: Actor) => control.restartVision(actor),
    ],
  ] as const;
  for (const [name, operationId, summary, description, act] of actions) {
    app.openapi(
      createRoute({
        ...shared,
        method: 'post',
        path: `/api/v1/control/${name}`,
        operationId,
        summary,
        description,
        responses: { 202: jsonAnswer(controlSchema, 'Accepted; the device carries it out'), ...problems(400) },
      }),
      (c) => {
        act(actorOf(c));
        return sendJson(c, controlSchema, conditionNow(), 202);
      },
    );
  }

  app.openapi(
    createRoute({
      ...shared,
      method: 'post',
      path: '/api/v1/control/profile',
      operationId: 'applyProfile',
      summary: 'Apply a profile',
      description:
        'Overrides the settings that the profile of the configuration names, at once and for later starts. `none` drops them.',
      request: {
        query: queryOf({}),
        body: { content: { 'application/json': { schema: profileBody } }, required: true },
      },
      responses: { 202: jsonAnswer(controlSchema, 'Applied'), ...problems(400, 404, 408, 413, 415, 422) },
    }),
    (c) => {
      const { name } = c.req.valid('json');
      const names = [...settings.profiles, noProfile];
      if (!names.includes(name)) {
        const detail = `Expected one of ${names.join(', ')}, got ${JSON.stringify(name)}`;
        throw new ProblemError({ status: 404, title: 'No such profile', detail });
      }
      control.applyProfile(name === noProfile ? undefined : name, actorOf(c));
      return sendJson(c, controlSchema, conditionNow(), 202);
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: '/api/v1/support-bundle',
      operationId: 'getSupportBundle',
      summary: 'Support bundle',
      description:
        'A zip of state, configuration, log, model card and the result of `mien doctor`. It contains no picture.',
      responses: {
        200: {
          description: 'The zip',
          content: { 'application/zip': { schema: { type: 'string', format: 'binary' } as const } },
        },
        ...problems(400),
      },
    }),
    async (c) => {
      // Concurrent requests share one bundle.
      bundle ??= records.supportBundle(statesOf()).finally(() => {
        bundle = undefined;
      });
      const zip = await bundle;
      const name = `mien-${settings.current.device.name}-${new Date(clock.now()).toISOString().slice(0, 10)}.zip`;
      return c.body(zip, 200, {
        'Content-Type': 'application/zip',
        'Content-Disposition': `attachment; filename="${name}"`,
        ...neverStored,
      });
    },
  );
};

/** Each setting: its description, its value and the source of the value. */
function describeConfiguration(live: LiveConfig, { sources, configFile }: OperatorRecords) {
  const overridden = new Set(live.overrides.paths);
  return {
    file: configFile,
    settings: allSettings.map(({ variable, default: _, optional, secret, isPath, path, ...described }) => {
      const source = sources.get(path) ?? 'default';
      return {
        path,
        value: maskValue(path, valueAt(live.current, path)),
        ...(overridden.has(path)
          ? { source: 'override', configured: { value: maskValue(path, live.configured(path)), source } }
          : { source }),
        ...described,
        isLive: livePaths.includes(path),
      };
    }),
  };
}
