/** What modules may do for the one who is signed in, and their say in it. */
import { DecideGrants, DESKTOP_PATHS, type ModuleGrants } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { decide, listGrants } from '../modules/grant-states.ts';
import { audited } from './audit-of.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkDecide = compile(DecideGrants, 'HANABI-V008');

export function grantRoutes(app: FastifyInstance, context: Context): void {
  const { grants: path } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };

  app.get(path, guard, async (request): Promise<{ modules: ModuleGrants[] }> => {
    return { modules: await listGrants(context, request.session.user.id) };
  });

  app.put(path, guard, async (request, reply) => {
    const wish = checkDecide(request.body);
    const { user } = request.session;
    const module = context.registry.get(wish.module_id, user.id);
    await decide(context.db, module, user.id, wish);
    context.registry.rightsChanged();
    const event = wish.decision === 'allow' ? 'grant.allow' : 'grant.refuse';
    for (const permission of wish.permissions) {
      const about = { module_id: module.id, module_version: module.version, permission };
      await audited(context, request, { event, subject: user.name, ...about });
    }
    return reply.code(204).send();
  });
}
