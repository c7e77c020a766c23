/** Everything one desktop holds together. Made once for a signed-in person, handed down by context. */
import type { HanabiError, LaunchRequest, ModuleSummary } from '@hanabi/protocol';
import { createContext } from 'svelte';
import type { api as desktopApi } from '../api/client.ts';
import type { HostServices } from '../bridge/host-services.ts';
import { Clipboard } from '../files/clipboard.svelte.ts';
import type { Entry } from '../files/entries.ts';
import { FileOperations } from '../files/file-operations.svelte.ts';
import { announceFilesChanged } from '../files/files-changed.ts';
import { FilePicker } from '../files/file-picker.svelte.ts';
import { type Place, placeKey } from '../files/place.ts';
import { Uploads } from '../files/uploads.svelte.ts';
import { t } from '../i18n/i18n.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { MenuState } from '../ui/menu-state.svelte.ts';
import { moduleIcon } from '../ui/program-icon.ts';
import { Notices } from './notices.svelte.ts';
import {
  explorerProgram,
  moduleDataProgram,
  moduleProgram,
  type Program,
  type StartRow,
  trashProgram,
} from './programs.ts';
import type { SizeRules } from './window-geometry.ts';
import { type DesktopWindow, WindowManager } from './windows.svelte.ts';

export type DesktopApi = typeof desktopApi;

const explorerRules: SizeRules = {
  default_width: 980,
  default_height: 620,
  min_width: 340,
  min_height: 280,
  resizable: true,
};

const moduleDataRules: SizeRules = {
  default_width: 760,
  default_height: 560,
  min_width: 320,
  min_height: 280,
  resizable: true,
};

/** Until a launch tells what the module asks for. */
const moduleRules: SizeRules = {
  default_width: 800,
  default_height: 600,
  min_width: 240,
  min_height: 160,
  resizable: true,
};

export class Shell {
  readonly api: DesktopApi;
  readonly windows = new WindowManager();
  readonly notices = new Notices();
  readonly menus = new MenuState();
  readonly picker = new FilePicker();
  readonly files: FileOperations;
  readonly uploads: Uploads;
  readonly clipboard = new Clipboard();
  /** Files of the desktop that the pointer drags: a page may not read what a drag brings before it is dropped. */
  dragged = $state.raw<readonly Entry[] | null>(null);
  /** Whether the pointer brings files of the computer. */
  bringing = $state(false);
  modules = $state.raw<readonly ModuleSummary[]>([]);
  /** Whether `modules` is what the server says; until then a name that nothing answers to may still come. */
  modulesKnown = $state(false);
  #loadingModules: Promise<void> | null = null;
  /** One of the panels of the taskbar, or none. */
  panel = $state<'start' | 'notices' | null>(null);
  helpShown = $state(false);
  /** Which module the person chose for which extension. */
  associations = $state.raw<Readonly<Record<string, string>>>({});
  /** What each Explorer window shows now. */
  readonly #explorers = new Map<string, { place: string; refresh: () => void }>();

  readonly programs: readonly Program[] = $derived([
    explorerProgram(),
    trashProgram(),
    moduleDataProgram(),
    ...this.modules.map(moduleProgram),
  ]);

  constructor(api: DesktopApi) {
    this.api = api;
    this.files = new FileOperations(api, this.notices);
    this.uploads = new Uploads(api, this.files.tasks);
  }

  /** What the bridge may ask of the desktop. */
  readonly services: HostServices = {
    notify: ({ moduleId, moduleName, iconUrl, title, message, tone }) =>
      this.notices.add({
        source: moduleName,
        icon: { kind: 'module', id: moduleId, name: moduleName, url: iconUrl },
        title,
        message,
        tone,
      }),
    openFolder: (folderId) => this.showFolder(folderId),
    pickUserFile: (request) => this.picker.ask(request),
    openModule: async (moduleId, fileId) => {
      await this.knowModules();
      const module = this.modules.find(({ id }) => id === moduleId);
      if (module) this.openModule(module, { file_id: fileId });
    },
    filesChanged: announceFilesChanged,
  };

  /** Asks for the modules and which of them opens what; who asks while the answer is on its way waits for that one. */
  loadModules(): Promise<void> {
    this.#loadingModules ??= this.#loadModules().finally(() => (this.#loadingModules = null));
    return this.#loadingModules;
  }

  /** For whoever must know the modules before going on. If they cannot be had, the person has been told. */
  knowModules(): Promise<void> {
    return this.modulesKnown ? Promise.resolve() : this.loadModules();
  }

  async #loadModules(): Promise<void> {
    try {
      const [modules, associations] = await Promise.all([this.api.modules(), this.api.associations()]);
      this.modules = modules;
      this.associations = associations.modules;
      this.modulesKnown = true;
    } catch (cause) {
      this.tellError(asHanabiError(cause), t('programs.failed'));
    }
  }

  /** A failure that has no window of its own to stand in. */
  tellError(error: HanabiError, title: string): void {
    const message = `${error.message} (${error.code})`;
    this.notices.add({ source: t('app.name'), icon: { kind: 'shell' }, title, message, tone: 'error' });
  }

  start({ program, action }: StartRow): void {
    if (program.module) this.openModule(program.module, action ? { action: action.id } : {});
    else if (program.place) this.openExplorer(program.place);
    else if (program.tool) this.openModuleData();
  }

  openModule(module: ModuleSummary, wanted: Omit<LaunchRequest, 'module_id'>, fileName?: string): DesktopWindow {
    return this.windows.open({
      app: `module.${module.id}`,
      title: fileName ? t('module.titleWithFile', { file: fileName, name: module.name }) : module.name,
      icon: moduleIcon(module),
      rules: moduleRules,
      content: { kind: 'module', module, request: { module_id: module.id, ...wanted } },
    });
  }

  openExplorer(place: Place): DesktopWindow {
    return this.windows.open({
      app: 'explorer',
      title: t('programs.explorer'),
      icon: { kind: 'explorer' },
      rules: explorerRules,
      content: { kind: 'explorer', place },
    });
  }

  /** What modules keep for the person; one window of it is enough. */
  openModuleData(): DesktopWindow {
    const open = this.windows.windows.find(({ app }) => app === 'module-data');
    if (open) {
      this.windows.activate(open.id);
      return open;
    }
    return this.windows.open({
      app: 'module-data',
      title: t('programs.moduleData'),
      icon: { kind: 'module-data' },
      rules: moduleDataRules,
      content: { kind: 'module-data' },
    });
  }

  /** Brings the Explorer window that shows the folder to the front, with a fresh listing, or opens one. */
  showFolder(folderId: string): void {
    const place: Place = { kind: 'folder', id: folderId };
    for (const [windowId, explorer] of this.#explorers) {
      if (explorer.place !== placeKey(place)) continue;
      this.windows.activate(windowId);
      explorer.refresh();
      return;
    }
    this.openExplorer(place);
  }

  /** From now on, or for null no longer, the files of an extension open with this module. */
  async associate(extension: string, moduleId: string | null): Promise<void> {
    try {
      this.associations = (await this.api.associate(extension, moduleId)).modules;
    } catch (cause) {
      this.tellError(asHanabiError(cause), t('files.openWith'));
    }
  }

  /** An Explorer window tells what it shows. Returns what takes the window off the list. */
  registerExplorer(windowId: string, place: Place, refresh: () => void): () => void {
    this.#explorers.set(windowId, { place: placeKey(place), refresh });
    return () => this.#explorers.delete(windowId);
  }
}

export const [getShell, setShell] = createContext<Shell>();
