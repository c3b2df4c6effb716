import { whoSchema } from '../../contract/session.ts';
import { loginSchema } from '../schemas/session.ts';
import type { RouteGroup } from './context.ts';
import { jsonAnswer, problems, securityOf } from './route.ts';

/** Describes /api/v1/session, which auth/ serves. */
export const sessionDocs: RouteGroup = ({ openAPIRegistry: registry }) => {
  const shared = { path: '/api/v1/session', tags: ['Session'], security: securityOf('viewer') };
  registry.registerPath({
    ...shared,
    method: 'get',
    operationId: 'getSession',
    summary: 'Role of the caller',
    responses: { 200: jsonAnswer(whoSchema, 'The role, and the credential that grants it'), ...problems() },
  });
  registry.registerPath({
    ...shared,
    method: 'post',
    operationId: 'logIn',
    summary: 'Log in',
    description:
      'Sets the session cookie. Requests that change something by a session also need the header `X-Mien: 1`.',
    request: { body: { content: { 'application/json': { schema: loginSchema } }, required: true } },
    responses: { 200: jsonAnswer(whoSchema, 'Logged in'), ...problems(413, 415, 422, 503) },
  });
  registry.registerPath({
    ...shared,
    method: 'delete',
    operationId: 'logOut',
    summary: 'Log out',
    responses: { 204: { description: 'Logged out; also if there was no session' }, ...problems() },
  });
};
