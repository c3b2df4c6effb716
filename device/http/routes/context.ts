import type { OpenAPIHono } from '@hono/zod-openapi';
import type { LiveConfig } from '../../config/live.ts';
import type { HealthCheck } from '../../ops/health.ts';
import type { Viewers } from '../../sinks/live/viewers.ts';
import type { AppDeps } from '../app-deps.ts';
import type { Bodies } from '../bodies/bodies.ts';
import type { DeviceView } from '../device-view.ts';
import type { ScreenWatch } from '../live/screen.ts';

/** What the groups of routes are made from. */
export interface RouteContext {
  readonly deps: AppDeps;
  readonly bodies: Bodies;
  readonly viewers: Viewers;
  readonly view: () => DeviceView;
  readonly health: HealthCheck;
  readonly settings: LiveConfig;
  readonly screen: ScreenWatch;
}

/** Adds a group of routes to the app. */
export type RouteGroup = (app: OpenAPIHono, context: RouteContext) => void;
