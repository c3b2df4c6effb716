import { createRoute, z } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import { cameraSchema, performanceSchema } from '../../contract/device.ts';
import { modelSchema } from '../../contract/model.ts';
import { privacySchema } from '../../contract/privacy.ts';
import type { DeviceView } from '../../contract/state.ts';
import type { Clock } from '../../core/clock.ts';
import type { ModelCard } from '../../core/model-card.ts';
import type { StateBoard } from '../../core/state.ts';
import type { CaptureDevice } from '../../core/types.ts';
import type { PrivacyNotice } from '../../ops/privacy.ts';
import type { Viewers } from '../../sinks/live/viewers.ts';
import { sendJson } from '../answers/json.ts';
import { peerOf } from '../auth/peer.ts';
import type { ScreenWatch } from '../live/screen.ts';
import { heartbeatSchema } from '../schemas/heartbeat.ts';
import { queryOf } from '../schemas/query.ts';
import type { RouteGroup } from './context.ts';
import { groupOf, jsonAnswer, problems, securityOf } from './route.ts';

/** Facts about the device, from its other parts. */
export interface DeviceFacts {
  /** Milliseconds per frame of each stage of the vision process. */
  readonly stages: () => Readonly<Record<string, { readonly p50: number; readonly p95: number }>>;
  /** Private memory of the daemon, in MB. */
  readonly memoryMb: () => number;
  readonly listCameras: () => readonly CaptureDevice[];
  /** @throws MienError if the card is missing */
  readonly modelCard: () => ModelCard;
  readonly privacy: () => PrivacyNotice;
  /** Whether an operator has paused the camera. */
  readonly isPaused: () => boolean;
}

export interface DeviceNeeds {
  readonly board: StateBoard;
  readonly clock: Clock;
  readonly facts: DeviceFacts;
  readonly settings: LiveConfig;
  readonly screen: ScreenWatch;
  readonly view: () => DeviceView;
  readonly viewers: Viewers;
}

/** The hardware, the model and the performance of the device. */
export const deviceRoutes: RouteGroup<DeviceNeeds> = (
  app,
  { board, clock, facts, settings, screen, view, viewers },
) => {
  const shared = {
    ...groupOf('Device', 'viewer'),
    method: 'get' as const,
    request: { query: queryOf({}) },
  };

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/camera',
      operationId: 'getCamera',
      summary: 'Camera',
      description: 'Requested and actual source, size and rate. On request also the cameras of the device.',
      request: {
        query: queryOf({
          devices: z
            .enum(['0', '1'], { error: '0 or 1' })
            .optional()
            .openapi({ description: '1: also list the cameras of the device.' }),
        }),
      },
      responses: { 200: jsonAnswer(cameraSchema, 'The camera'), ...problems(400) },
    }),
    (c) => {
      const { state, source, width, height, fps, reason } = board.current.camera;
      const { camera } = settings.current;
      const asked = { source: camera.source, width: camera.width, height: camera.height, fps: camera.fps };
      const got = { source, width, height, fps };
      const devices = c.req.valid('query').devices === '1' ? facts.listCameras() : undefined;
      return sendJson(c, cameraSchema, { state, reason, asked, got, devices });
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/model',
      operationId: 'getModel',
      summary: 'Model card',
      description: 'Labels, metrics with the confusion matrix, calibration and licence of the classifier.',
      responses: { 200: jsonAnswer(modelSchema, 'The card'), ...problems(400, 503) },
    }),
    (c) => {
      const { precision, detector } = board.current.vision;
      return sendJson(c, modelSchema, { card: facts.modelCard(), inUse: { precision, detector } });
    },
  );

  app.openapi(
    createRoute({
      ...shared,
      middleware: [],
      path: '/api/v1/privacy',
      operationId: 'getPrivacyNotice',
      summary: 'Privacy notice',
      description: 'Data that are collected, stored and sent with the present configuration. Needs no authentication.',
      responses: { 200: jsonAnswer(privacySchema, 'The notice'), ...problems(400) },
    }),
    (c) => sendJson(c, privacySchema, facts.privacy()),
  );

  app.openapi(
    createRoute({
      ...shared,
      path: '/api/v1/performance',
      operationId: 'getPerformance',
      summary: 'Performance',
      description: 'Rates, times, temperature and memory of the last seconds.',
      responses: { 200: jsonAnswer(performanceSchema, 'The figures'), ...problems(400) },
    }),
    (c) => {
      const { vision, governor } = board.current;
      const { fps, droppedFps, latencyMs, restarts, memoryMb } = vision;
      return sendJson(c, performanceSchema, {
        fps,
        droppedFps,
        latencyMs,
        restarts,
        fpsLimit: governor?.fpsLimit,
        temperatureC: governor?.temperatureC,
        stages: facts.stages(),
        memoryMb: { daemon: facts.memoryMb(), vision: memoryMb },
        live: viewers.counts,
        uptimeSeconds: view().uptimeSeconds,
      });
    },
  );

  app.openapi(
    createRoute({
      ...groupOf('Device', 'viewer'),
      method: 'post',
      path: '/api/v1/heartbeat',
      operationId: 'sendHeartbeat',
      summary: 'Heartbeat of a screen',
      description: 'The kiosk page sends one every 10 s. The state of the device holds the newest one as `screen`.',
      security: securityOf('viewer'),
      middleware: shared.middleware,
      request: { body: { content: { 'application/json': { schema: heartbeatSchema } }, required: true } },
      responses: { 204: { description: 'Received' }, ...problems(400, 408, 413, 415, 422, 503) },
    }),
    (c) => {
      const { isThisDevice: onDevice } = peerOf(c);
      screen.update({ ...c.req.valid('json'), seenAt: clock.now(), onDevice }, clock.mono());
      return c.body(null, 204);
    },
  );
};
