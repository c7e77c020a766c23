/** Everything one desktop holds together. Made once for a signed-in person, handed down by context. */
import type { HanabiError, LaunchRequest, ModuleSummary } from '@hanabi/protocol';
import { createContext } from 'svelte';
import type { api as desktopApi } from '../api/client.ts';
import type { HostServices } from '../bridge/host-services.ts';
import { announceFilesChanged } from '../files/files-changed.ts';
import { FilePicker } from '../files/file-picker.svelte.ts';
import { Uploads } from '../files/uploads.svelte.ts';
import { t } from '../i18n/i18n.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { MenuState } from '../ui/menu-state.svelte.ts';
import { moduleIcon } from '../ui/program-icon.ts';
import { Notices } from './notices.svelte.ts';
import { explorerProgram, moduleProgram, type Program, type StartRow } from './programs.ts';
import type { SizeRules } from './window-geometry.ts';
import { type DesktopWindow, WindowManager } from './windows.svelte.ts';

export type DesktopApi = typeof desktopApi;

const explorerRules: SizeRules = {
  default_width: 860,
  default_height: 560,
  min_width: 340,
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
  readonly uploads: Uploads;
  modules = $state.raw<readonly ModuleSummary[]>([]);
  /** One of the panels of the taskbar, or none. */
  panel = $state<'start' | 'notices' | null>(null);
  helpShown = $state(false);
  /** Which folder each Explorer window shows now. */
  readonly #explorers = new Map<string, { folderId: string; refresh: () => void }>();

  readonly programs: readonly Program[] = $derived([explorerProgram(), ...this.modules.map(moduleProgram)]);

  constructor(api: DesktopApi) {
    this.api = api;
    this.uploads = new Uploads(api);
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
    filesChanged: announceFilesChanged,
  };

  async loadModules(): Promise<void> {
    try {
      this.modules = await this.api.modules();
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
    if (!program.module) this.openExplorer('root');
    else this.openModule(program.module, action ? { action: action.id } : {});
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

  openExplorer(folderId: string): DesktopWindow {
    return this.windows.open({
      app: 'explorer',
      title: t('programs.explorer'),
      icon: { kind: 'explorer' },
      rules: explorerRules,
      content: { kind: 'explorer', folderId },
    });
  }

  /** Brings the Explorer window that shows the folder to the front, with a fresh listing, or opens one. */
  showFolder(folderId: string): void {
    for (const [windowId, explorer] of this.#explorers) {
      if (explorer.folderId !== folderId) continue;
      this.windows.activate(windowId);
      explorer.refresh();
      return;
    }
    this.openExplorer(folderId);
  }

  /** An Explorer window tells what it shows. Returns what takes the window off the list. */
  registerExplorer(windowId: string, folderId: string, refresh: () => void): () => void {
    this.#explorers.set(windowId, { folderId, refresh });
    return () => this.#explorers.delete(windowId);
  }
}

export const [getShell, setShell] = createContext<Shell>();
