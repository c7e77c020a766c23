/** Small pictures of the user's pictures, for File Explorer. */
import { DESKTOP_PATHS, HanabiError } from '@hanabi/protocol';
import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { sendContent } from './send-content.ts';
import { requireSession } from './session-guard.ts';

/** A list that is scrolled up and down asks once; a content that was replaced shows its new picture soon. */
const KEPT = { 'cache-control': 'private, max-age=300' };

export function thumbnailRoutes(app: FastifyInstance, context: Context): void {
  app.route<{ Params: { id: string } }>({
    method: ['GET', 'HEAD'],
    url: `${DESKTOP_PATHS.files}/:id/thumbnail`,
    onRequest: requireSession(context),
    handler: async (request, reply) => {
      const file = await context.tree.file(request.session.user.id, request.params.id);
      if (!file) throw new HanabiError('HANABI-F001', request.params.id);
      const send = async () => {
        const thumbnail = await context.thumbnails.of(file);
        const content = { ...thumbnail, name: 'thumbnail' };
        return sendContent(context, request, reply, content, { inline: true, headers: KEPT });
      };
      try {
        return await send();
      } catch (error) {
        if (!(error instanceof HanabiError) || error.code !== 'HANABI-F007') throw error;
        // Damage to what can be made again is mended, and only damage to the picture itself is told.
        await context.thumbnails.forget(file);
        return send();
      }
    },
  });
}
