/** Modules and their launches, as the desktop asks for them. */
import {
  DESKTOP_PATHS,
  HanabiError,
  type Launch,
  LaunchRequest,
  type ModuleSummary,
  PickRequest,
} from '@hanabi/protocol';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { connectorsOf } from '../connections/connectors-of.ts';
import type { Context } from '../context.ts';
import { refusedBy } from '../modules/grant-states.ts';
import type { LaunchRow } from '../modules/launches.ts';
import type { InstalledModule } from '../modules/registry.ts';
import { toFileRef } from '../storage/file-ref.ts';
import { callerOf } from './answer-capability.ts';
import { findAsset } from './runtime-routes.ts';
import { frameAllow, frameSandbox, moduleOriginOf } from './security-headers.ts';
import { sendCompressed } from './send-compressed.ts';
import { requireSession } from './session-guard.ts';
import { compile } from './validate.ts';

const checkLaunch = compile(LaunchRequest, 'HANABI-V008');
const checkPick = compile(PickRequest, 'HANABI-V008');

type ById = { Params: { id: string } };

export function moduleRoutes(app: FastifyInstance, context: Context): void {
  const { modules, launches } = DESKTOP_PATHS;
  const guard = { onRequest: requireSession(context) };

  app.get(modules, guard, async (request, reply) => {
    const userId = request.session.user.id;
    const summaries = await Promise.all(context.registry.all(userId).map((module) => summary(context, module, userId)));
    // With the picture of each: nothing else that a desktop asks for at its start is as large.
    return sendCompressed(request, reply, { modules: summaries });
  });

  app.post(launches, guard, async (request, reply) => {
    const wish = checkLaunch(request.body);
    const module = context.registry.get(wish.module_id, request.session.user.id);
    // What is missing inside a frame, the desktop cannot see.
    await findAsset(module, module.manifest.entrypoints.ui);
    const file = wish.file_id === undefined ? undefined : await userFile(context, request, wish.file_id);
    const { row, launch } = await context.launches.create(request.session, { module, file, action: wish.action });
    const rights = await context.registry.rights(module, request.session.user.id);
    // The browser opens these to the page as it loads; nobody hears of it when it uses them.
    const opened = [...rights.granted].filter((permission) => permission.startsWith('client.'));
    context.uses.note({ user: request.session.user, module, detail: 'launch', request_id: request.id }, opened);
    const answer: Launch = {
      ...launch,
      document_url: documentUrl(context, module, row),
      frame_allow: frameAllow(rights),
      frame_sandbox: frameSandbox(rights),
    };
    return reply.code(201).send(answer);
  });

  // Whether a window that is open may go on; if not, the code says why.
  app.get<ById>(`${launches}/:id`, guard, async (request, reply) => {
    await callerOf(context, request.session, request.params.id);
    return reply.code(204).send();
  });

  app.delete<ById>(`${launches}/:id`, guard, async (request, reply) => {
    await context.launches.seek({ id: request.params.id });
    await context.launches.end(context.launches.get(request.params.id, request.session));
    return reply.code(204).send();
  });

  app.post<ById>(`${launches}/:id/picks`, guard, async (request) => {
    await context.launches.seek({ id: request.params.id });
    const launch = context.launches.get(request.params.id, request.session);
    const file = await userFile(context, request, checkPick(request.body).file_id);
    const { module_id } = await context.tree.place(file.folder_id);
    if (module_id !== null && module_id !== launch.module_id) throw new HanabiError('HANABI-F002', file.id);
    await context.launches.addFile(launch, file);
    return { file: toFileRef(file) };
  });
}

async function userFile(context: Context, request: FastifyRequest, id: string) {
  const file = await context.tree.file(request.session.user.id, id);
  if (!file) throw new HanabiError('HANABI-F001', id);
  return file;
}

function documentUrl(context: Context, module: InstalledModule, launch: LaunchRow): string {
  const origin = context.config.module_origin;
  const prefix = origin ? moduleOriginOf(origin, module.id) : '';
  const entry = module.manifest.entrypoints.ui.split('/').map(encodeURIComponent).join('/');
  return `${prefix}/runtime/modules/${module.id}/app/~${launch.ticket}/${entry}`;
}

async function summary(context: Context, module: InstalledModule, userId: string): Promise<ModuleSummary> {
  const { manifest, id, version, origin } = module;
  const rights = await context.registry.rights(module, userId);
  const refused = await refusedBy(context.db, userId);
  return {
    id,
    name: manifest.name,
    version,
    summary: manifest.summary,
    origin,
    icon_data_url: manifest.portal.icon_data_url ?? null,
    permissions: manifest.permissions.map((name) => ({
      name,
      granted: rights.granted.has(name),
      refused: refused.has(`${id} ${name}`),
      reason: manifest.portal.permission_reasons[name] ?? null,
    })),
    connectors: connectorsOf(manifest),
    file_associations: manifest.desktop.file_associations,
    jump_list: manifest.desktop.jump_list,
    has_worker: manifest.entrypoints.worker !== undefined,
    allow_multiple: manifest.ui.window.allow_multiple,
  };
}
