/** What lies on the desktop of the one who is signed in. */
import { DESKTOP_PATHS, type DesktopContent, type FolderEntry } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { toFileEntry, toFolderEntry } from '../storage/file-ref.ts';
import { requireSession } from './session-guard.ts';

export function desktopRoutes(app: FastifyInstance, context: Context): void {
  const { desktop: path } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };

  app.get(path, guard, async (request): Promise<DesktopContent> => {
    const { user } = request.session;
    const { folder, folders, files } = await context.desktopItems.content(user);
    return {
      folder_id: folder?.id ?? null,
      folders: folders.map((one) => toFolderEntry(one, null)),
      files: files.map(toFileEntry),
      shortcuts: await context.desktopItems.shortcuts(user.id),
    };
  });

  app.put(`${path}/folder`, guard, async (request): Promise<FolderEntry> => {
    const { user } = request.session;
    const folder = await context.desktopItems.ensureFolder(user);
    context.live.filesChanged(user.id);
    return toFolderEntry(folder, null);
  });

  app.delete<{ Params: { id: string } }>(`${path}/shortcuts/:id`, guard, async (request, reply) => {
    const { id } = request.session.user;
    await context.desktopItems.removeShortcut(id, request.params.id);
    context.live.desktopChanged(id);
    return reply.code(204).send();
  });
}
