import type { Context } from 'hono';
import type { Actor } from '../../core/control.ts';

/** The caller of a request as the actor of a control request: the kind of credential, never the credential. */
export function actorOf(c: Context): Actor {
  return { source: 'http', principal: c.get('principal').by };
}
