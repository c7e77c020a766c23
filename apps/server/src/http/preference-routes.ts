/** How the person who is signed in likes their desktop. */
import { ChangePreferences, DESKTOP_PATHS, type Preferences } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkChange = compile(ChangePreferences, 'HANABI-V008');

export function preferenceRoutes(app: FastifyInstance, context: Context): void {
  const { preferences: path } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };

  app.get(path, guard, (request): Promise<Preferences> => context.preferences.of(request.session.user.id));

  app.patch(path, guard, async (request): Promise<Preferences> => {
    const { id } = request.session.user;
    const values = await context.preferences.change(id, checkChange(request.body));
    context.live.preferencesChanged(id);
    return values;
  });
}
