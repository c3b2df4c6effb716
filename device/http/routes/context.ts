import type { OpenAPIHono } from '@hono/zod-openapi';

/** Adds a group of routes to the app. Each group declares what it needs. */
export type RouteGroup<Needs = unknown> = (app: OpenAPIHono, needs: Needs) => void;
