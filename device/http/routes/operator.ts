import { createRoute, type z } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { livePaths } from '../../config/live-settings.ts';
import { maskValue } from '../../config/mask.ts';
import { settings as allSettings, valueAt } from '../../config/settings.ts';
import type { Clock } from '../../core/clock.ts';
import type { Actor, Control } from '../../core/control.ts';
import type { StateBoard } from '../../core/state.ts';
import type { LogRing } from '../../ops/log-ring.ts';
import { actorOf } from '../auth/actor.ts';
import { type DeviceView, forOutside } from '../device-view.ts';
import { configSchema, controlSchema, logsQuery, logsSchema } from '../schemas/operator.ts';
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
  readonly control: Pick<Control<never>, 'pause' | 'resume' | 'restartVision'>;
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
  app.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: '/api/v1/config',
      operationId: 'getConfig',
      summary: 'Configuration',
      description: 'Every setting with where its value comes from. Secrets are masked.',
      responses: { 200: jsonAnswer(configSchema, 'The configuration'), ...problems(400) },
    }),
    (c) => c.json(describeConfig(), 200, neverStored),
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
      return c.json({ lines: records.logs({ level, limit }) as z.input<typeof logsSchema>['lines'] }, 200, neverStored);
    },
  );

  const actions = [
    [
      'pause',
      'pauseCamera',
      'Close the camera',
      'Nothing is looked at until it is resumed, also after a restart of the device; the pages say so.',
      (actor: Actor) => control.pause(actor),
    ],
    ['resume', 'resumeCamera', 'Open the camera again', undefined, (actor: Actor) => control.resume(actor)],
    [
      'restart-vision',
      'restartVision',
      'Restart the vision process',
      'The camera is opened anew; the pages stay.',
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
        responses: { 202: jsonAnswer(controlSchema, 'It is being done'), ...problems(400) },
      }),
      (c) => {
        act(actorOf(c));
        const { camera, vision } = board.current;
        return c.json({ paused: facts.isPaused(), camera: camera.state, vision: vision.state }, 202, neverStored);
      },
    );
  }

  app.openapi(
    createRoute({
      ...shared,
      method: 'get',
      path: '/api/v1/support-bundle',
      operationId: 'getSupportBundle',
      summary: 'Support bundle',
      description:
        'State, configuration, log, model card and the result of `mien doctor`, in a zip. No picture is in it.',
      responses: {
        200: {
          description: 'The zip',
          content: { 'application/zip': { schema: { type: 'string', format: 'binary' } as const } },
        },
        ...problems(400),
      },
    }),
    async (c) => {
      // Whoever asks while one is made gets that one.
      bundle ??= records.supportBundle(forOutside({ state: view(), config: describeConfig() })).finally(() => {
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

/** Every setting: what it is, its value, and where that comes from. */
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
