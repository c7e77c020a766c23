import type { Results } from '@hanabi/protocol';
import type { Call } from './call.ts';

export async function listModules(call: Call<'HANABI_LIST_MODULES'>): Promise<Results['HANABI_LIST_MODULES']> {
  const others = call.context.registry.all(call.caller.user.id).filter(({ id }) => id !== call.caller.module.id);
  return {
    modules: others.map(({ id, manifest }) => ({
      id,
      name: manifest.name,
      icon: manifest.portal.icon_data_url ?? null,
      file_associations: manifest.desktop.file_associations,
    })),
  };
}

/** Says whether it may be done; the desktop then opens the window, where the user sees it. */
export async function sendToModule(call: Call<'HANABI_SEND_TO_MODULE'>): Promise<Results['HANABI_SEND_TO_MODULE']> {
  return { ok: true, moduleId: call.context.registry.get(call.payload.moduleId, call.caller.user.id).id };
}
