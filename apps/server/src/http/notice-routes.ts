/** What workflows said to the person who is signed in. */
import { DESKTOP_PATHS, SeenNotices, type UnseenNotices } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkSeen = compile(SeenNotices, 'HANABI-V008');

export function noticeRoutes(app: FastifyInstance, context: Context): void {
  const { notices: path } = DESKTOP_PATHS;
  const { notices } = context;
  const guard = { onRequest: requireSession(context) };

  app.get(path, guard, async ({ session }): Promise<UnseenNotices> => {
    return { notices: await notices.unseen(session.user.id) };
  });

  app.post(`${path}/seen`, guard, async ({ session, body }, reply) => {
    await notices.seen(session.user.id, checkSeen(body).ids);
    return reply.code(204).send();
  });
}
