/** What a desktop answers when the bridge asks in the name of a module. */
import type { HostServices } from '../bridge/host-services.ts';
import { announceFilesChanged } from '../files/files-changed.ts';
import type { Shell } from './shell.svelte.ts';

export function ownServices(shell: Shell): HostServices {
  return {
    notify: ({ moduleId, moduleName, iconUrl, title, message, tone }) =>
      shell.notices.add({
        source: moduleName,
        icon: { kind: 'module', id: moduleId, name: moduleName, url: iconUrl },
        title,
        message,
        tone,
      }),
    setBadge: (moduleId, count) => shell.badges.set(moduleId, count),
    openFolder: (folderId) => shell.showFolder(folderId),
    pickUserFile: (request) => shell.picker.ask(request),
    askConsent: async ({ moduleId, moduleName: name, iconUrl, permission, signal }) => {
      await shell.knowModules();
      const module = shell.modules.find(({ id }) => id === moduleId);
      const known = module?.permissions.find((one) => one.name === permission);
      if (!module || !known || known.refused) return false;
      const wanted = [{ permission, reason: known.reason }];
      const { connectors } = module;
      return shell.consent.ask({ module: { id: moduleId, name, iconUrl, connectors }, wanted, signal });
    },
    openModule: async (moduleId, fileId) => {
      await shell.knowModules();
      const module = shell.modules.find(({ id }) => id === moduleId);
      if (module) shell.openModule(module, { file_id: fileId });
    },
    filesChanged: announceFilesChanged,
  };
}
