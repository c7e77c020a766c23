/** Everything one desktop holds together. Made once for a signed-in person, handed down by context. */
import type {
  ChangePreferences,
  HanabiError,
  LaunchRequest,
  LiveEvent,
  ModuleSummary,
  Session,
  UnseenNotice,
} from '@hanabi/protocol';
import { isErrorCode } from '@hanabi/protocol';
import { createContext } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { api as desktopApi } from '../api/client.ts';
import type { BridgeTap } from '../bridge/bridge-tap.ts';
import type { HostServices } from '../bridge/host-services.ts';
import { Clipboard } from '../files/clipboard.svelte.ts';
import type { Entry } from '../files/entries.ts';
import { FileOperations } from '../files/file-operations.svelte.ts';
import { openFile } from '../files/explorer-actions.ts';
import { announceFilesChanged } from '../files/files-changed.ts';
import { FilePicker } from '../files/file-picker.svelte.ts';
import { type Place, placeKey } from '../files/place.ts';
import { Uploads } from '../files/uploads.svelte.ts';
import { unanswered } from '../grants/consent-wish.ts';
import { Consent } from '../grants/consent.svelte.ts';
import { errorSentence, errorText, t } from '../i18n/i18n.ts';
import { JobNotices } from '../jobs/job-notices.ts';
import { type JobNews, JobWatch } from '../jobs/job-watch.svelte.ts';
import { preferences } from '../settings/preferences.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { MenuState } from '../ui/menu-state.svelte.ts';
import { iconOf, moduleIcon } from '../ui/program-icon.ts';
import { DesktopContents } from './desktop-content.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { ownServices } from './own-services.ts';
import { explorerProgram, moduleProgram, type Program, type StartRow, trashProgram } from './programs.ts';
import { tool, type ToolId, toolPrograms } from './tools.ts';
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

/** Until a launch tells what the module asks for. */
const moduleRules: SizeRules = {
  default_width: 800,
  default_height: 600,
  min_width: 240,
  min_height: 160,
  resizable: true,
};

type Panel = 'start' | 'notices' | 'quick';

export class Shell {
  readonly api: DesktopApi;
  readonly windows = new WindowManager();
  readonly notices = new Notices((ids) => void this.api.noticesSeen(ids).catch(() => undefined));
  readonly menus = new MenuState();
  readonly picker = new FilePicker();
  readonly consent = new Consent((error) => this.tellError(error, t('consent.failed')));
  /** What the bridge may ask of the desktop. */
  readonly services: HostServices;
  readonly files: FileOperations;
  readonly uploads: Uploads;
  readonly clipboard = new Clipboard();
  readonly contents: DesktopContents;
  readonly jobs: JobWatch;
  /** The part that the settings are asked to show. */
  settingsShown = $state<string | null>(null);
  /** The job that the Jobs window is asked to show. */
  jobShown = $state<string | null>(null);
  /** The module that the debugger is asked to open. */
  moduleDebugged = $state.raw<ModuleSummary | null>(null);
  /** The run of a workflow that the replay debugger is asked to open. */
  runPlayed = $state<string | null>(null);
  /** Files of the desktop that the pointer drags: a page may not read what a drag brings before it is dropped. */
  dragged = $state.raw<readonly Entry[] | null>(null);
  /** Whether the pointer brings files of the computer. */
  bringing = $state(false);
  modules = $state.raw<readonly ModuleSummary[]>([]);
  /** Whether `modules` is what the server says; until then a name that nothing answers to may still come. */
  modulesKnown = $state(false);
  #loadingModules: Promise<void> | null = null;
  #role = $state<Session['user']['role']>('user');
  /** Whether the person may bring packages to this server, and whether they decide about those of others. */
  readonly mayPublish = $derived(this.#role !== 'user');
  readonly mayDecide = $derived(this.#role === 'admin');
  /** One of the panels of the taskbar, or none. */
  panel = $state<Panel | null>(null);
  helpShown = $state(false);
  /** The numbers that modules want to be seen on their buttons. */
  readonly badges = new SvelteMap<string, number>();
  /** Which module the person chose for which extension. */
  associations = $state.raw<Readonly<Record<string, string>>>({});
  /** What each Explorer window shows now. */
  readonly #explorers = new Map<string, { place: Place; refresh: () => void }>();

  readonly programs: readonly Program[] = $derived([
    explorerProgram(),
    trashProgram(),
    ...toolPrograms(this.#role),
    ...this.modules.map(moduleProgram),
  ]);

  /** `elsewhere`: what another page answers in its stead. */
  constructor(api: DesktopApi, role: Session['user']['role'] = 'user', elsewhere: Partial<HostServices> = {}) {
    this.api = api;
    this.services = { ...ownServices(this), ...elsewhere };
    this.#role = role;
    this.files = new FileOperations(api, this.notices);
    this.uploads = new Uploads(api, this.files.tasks);
    this.contents = new DesktopContents(api);
    this.jobs = new JobWatch(api, (job) => this.#tellEnded(job));
  }

  /** What the server tells by itself. */
  takeNews(event: LiveEvent): void {
    this.follow(event);
    this.jobs.take(event);
    if (event.topic === 'service' && event.what === 'failed') this.#tellServiceFailed(event.module_id);
    if (event.topic === 'notice' || event.topic === 'missed') void this.#loadNotices(event.topic === 'notice');
    // What lies there is looked at again with the files, too.
    if (event.topic === 'desktop') void this.contents.load();
    if (event.topic === 'missed') void this.loadModules();
  }

  /** What of it changes what is shown, and tells the person nothing. */
  follow({ topic }: LiveEvent): void {
    const missed = topic === 'missed';
    if (missed || topic === 'preferences') void this.#takePreferences();
    if (missed || topic === 'files') announceFilesChanged();
    if ((missed && this.modulesKnown) || topic === 'rights') void this.loadModules();
  }

  async #takePreferences(): Promise<void> {
    // What was missed is asked for again with the next news.
    await preferences.reload().catch(() => undefined);
  }

  /** The person is told of a job that ended while no window of its module is open to show it. */
  #tellEnded(job: JobNews): void {
    const watched = this.windows.windows.some(
      ({ content }) => content.kind === 'module' && content.module.id === job.module_id,
    );
    if (!watched && job.state !== 'cancelled') this.#ended.add(job);
  }

  readonly #ended = new JobNotices(({ job: { id, module_id, state, error_code }, count }) => {
    const module = this.modules.find((candidate) => candidate.id === module_id);
    const done = state === 'completed';
    this.notices.add({
      source: module?.name ?? module_id,
      icon: iconOf(this.modules, module_id, module_id),
      title: t(done ? 'jobs.notice.completed' : 'jobs.notice.failed', { count }),
      message: done ? t('jobs.notice.completed.text') : `${messageOf(error_code)} (${error_code})`,
      tone: done ? 'success' : 'error',
      action: { label: t('jobs.notice.show'), choose: () => this.showJob(id), holds: () => true },
    });
  });

  #tellServiceFailed(module_id: string): void {
    const module = this.modules.find((candidate) => candidate.id === module_id);
    this.notices.add({
      source: module?.name ?? module_id,
      icon: iconOf(this.modules, module_id, module_id),
      title: t('services.notice.failed'),
      message: t('services.notice.failed.text'),
      tone: 'error',
      action: { label: t('jobs.notice.show'), choose: () => void this.openTool('services'), holds: () => true },
    });
  }

  /** Of workflows, which have no window to say it in. What cannot be had is asked for again with the next news. */
  async #loadNotices(isNews: boolean): Promise<void> {
    try {
      const { notices } = await this.api.notices();
      if (notices.length > 0) await this.knowModules();
      for (const notice of notices.toReversed()) this.#tellNotice(notice, isNews);
    } catch {
      // They are kept until they have been seen.
    }
  }

  #tellNotice({ id, module_id, title, message, tone, created_at }: UnseenNotice, isNews: boolean): void {
    const module = this.modules.find((candidate) => candidate.id === module_id);
    const source = module?.name ?? module_id;
    const icon = iconOf(this.modules, module_id, module_id);
    this.notices.addKept(id, new Date(created_at), isNews, { source, icon, title: title || source, message, tone });
  }

  /** Where no page of the settings is there to say that it did not work. */
  async changePreferences(changes: ChangePreferences): Promise<void> {
    try {
      await preferences.change(changes);
    } catch (cause) {
      this.tellError(asHanabiError(cause), t('settings.failed'));
    }
  }

  togglePanel(panel: Panel): void {
    this.panel = this.panel === panel ? null : panel;
  }

  /** Opens the settings at one part. */
  showSettings(part: string): void {
    this.settingsShown = part;
    this.openTool('settings');
  }

  /** Opens the Jobs window at one of them. */
  showJob(id: string): void {
    this.jobShown = id;
    this.openTool('jobs');
  }

  /** Everything at once that a module has to ask the person; what they leave open is asked at its first use. */
  async askConsentOf(moduleId: string): Promise<void> {
    const module = this.modules.find(({ id }) => id === moduleId);
    const wish = module && unanswered(module);
    if (wish && wish.wanted.length > 0) await this.consent.ask(wish);
  }

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
    const message = `${errorText(error)} (${error.code})`;
    this.notices.add({ source: t('app.name'), icon: { kind: 'shell' }, title, message, tone: 'error' });
  }

  start({ program, action, entry }: StartRow): void {
    if (entry?.kind === 'folder') this.openExplorer({ kind: 'folder', id: entry.id });
    else if (entry) void openFile(this, entry.file);
    else if (program.module) this.openModule(program.module, action ? { action: action.id } : {});
    else if (program.place) this.openExplorer(program.place);
    else if (program.tool === 'settings' && action) this.showSettings(action.id);
    else if (program.tool) this.openTool(program.tool);
  }

  /** Opens the debugger, and the module in it. */
  debug(module: ModuleSummary): void {
    this.moduleDebugged = module;
    this.openTool('debugger');
  }

  /** Opens the replay debugger with a run of a workflow. */
  playBack(runId: string): void {
    this.runPlayed = runId;
    this.openTool('playback');
  }

  /** Where one window is enough for the module, its window comes to the front; what it holds is not thrown away. */
  openModule(module: ModuleSummary, wanted: Omit<LaunchRequest, 'module_id'>, fileName?: string): DesktopWindow {
    const app = `module.${module.id}`;
    const open = module.allow_multiple ? undefined : this.windows.windows.find((window) => window.app === app);
    if (open) {
      this.windows.activate(open.id);
      if (Object.keys(wanted).length > 0) this.#tellOpenAlready(module);
      return open;
    }
    return this.windows.open({
      app,
      title: fileName ? t('module.titleWithFile', { file: fileName, name: module.name }) : module.name,
      icon: moduleIcon(module),
      rules: moduleRules,
      content: { kind: 'module', module, request: { module_id: module.id, ...wanted } },
    });
  }

  /** Opens a module for the debugger, beside it. */
  openTapped(module: ModuleSummary, tap: BridgeTap): DesktopWindow {
    const window = this.windows.open({
      app: `debugged.${module.id}`,
      title: t('debugger.window', { name: module.name }),
      icon: moduleIcon(module),
      rules: moduleRules,
      content: { kind: 'module', module, request: { module_id: module.id }, tap },
    });
    this.windows.sideBySide(window, this.openTool('debugger'));
    this.windows.activate(window.id);
    return window;
  }

  #tellOpenAlready(module: ModuleSummary): void {
    this.notices.flash({
      source: module.name,
      icon: moduleIcon(module),
      title: t('module.single', { name: module.name }),
      message: t('module.single.why'),
      tone: 'info',
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

  /** One window of each tool is enough. */
  openTool(id: ToolId): DesktopWindow {
    const open = this.windows.windows.find(({ app }) => app === id);
    if (open) {
      this.windows.activate(open.id);
      return open;
    }
    const { name, icon, rules } = tool(id);
    return this.windows.open({
      app: id,
      title: name(),
      icon,
      rules,
      content: { kind: 'tool', tool: id },
    });
  }

  /** Brings the Explorer window that shows the folder to the front, with a fresh listing, or opens one. */
  showFolder(folderId: string): void {
    const place: Place = { kind: 'folder', id: folderId };
    for (const [windowId, explorer] of this.#explorers) {
      if (placeKey(explorer.place) !== placeKey(place)) continue;
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

  /** What an Explorer window shows now, which may not be what it was opened with. */
  placeShown(windowId: string): Place | undefined {
    return this.#explorers.get(windowId)?.place;
  }

  /** An Explorer window tells what it shows. Returns what takes the window off the list. */
  registerExplorer(windowId: string, place: Place, refresh: () => void): () => void {
    this.#explorers.set(windowId, { place, refresh });
    return () => this.#explorers.delete(windowId);
  }
}

function messageOf(code: string | null): string {
  return isErrorCode(code) ? errorSentence(code) : t('jobs.state.failed');
}

export const [getShell, setShell] = createContext<Shell>();
