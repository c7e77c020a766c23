/** Notifications: shown once as a toast, kept in the notification centre until they are cleared. */
import type { Tone } from '@hanabi/protocol';
import { preferences } from '../settings/preferences.svelte.ts';
import type { ProgramIcon } from '../ui/program-icon.ts';

export interface Notice {
  id: number;
  /** The name of the module, or of the desktop: always shown, so that nobody speaks in another's name. */
  source: string;
  icon: ProgramIcon;
  title: string;
  message: string;
  tone: Tone;
  at: Date;
  /** A button below the text, for as long as what it does is still possible. */
  action?: { label: string; choose: () => void; holds: () => boolean };
}

interface NoticeGroup {
  key: string;
  /** Of a module; the desktop itself is never quiet. */
  moduleId: string | null;
  source: string;
  notices: Notice[];
}

const kept_max = 100;
const toasts_max = 4;

export class Notices {
  /** The newest first. */
  all = $state.raw<readonly Notice[]>([]);
  toasts = $state.raw<readonly Notice[]>([]);
  unread = $state(0);
  #made = 0;
  readonly #onseen: (ids: string[]) => void;
  /** Those that the server keeps until they are seen: which are here, and which of them were not looked at yet. */
  readonly #known = new Set<string>();
  #unseen: string[] = [];

  /** `onseen` is told which of those that the server keeps the person has looked at. */
  constructor(onseen: (ids: string[]) => void = () => {}) {
    this.#onseen = onseen;
  }

  add(notice: Omit<Notice, 'id' | 'at'>): void {
    this.#keep(isQuiet(notice) ? this.#make(notice) : this.#show(notice));
  }

  /** One that the server keeps. What was said while nobody was here is found in the centre, and comes up no more. */
  addKept(id: string, at: Date, isNews: boolean, notice: Omit<Notice, 'id' | 'at'>): void {
    if (this.#known.has(id)) return;
    this.#known.add(id);
    this.#unseen.push(id);
    const shown = isNews && !isQuiet(notice) ? this.#show(notice) : this.#make(notice);
    this.#keep({ ...shown, at });
  }

  #keep(notice: Notice): void {
    this.all = [notice, ...this.all].toSorted((a, b) => Number(b.at) - Number(a.at)).slice(0, kept_max);
    this.unread += 1;
  }

  /** For what is only worth a moment: it is not kept. */
  flash(notice: Omit<Notice, 'id' | 'at'>): void {
    this.#show(notice);
  }

  #show(notice: Omit<Notice, 'id' | 'at'>): Notice {
    const shown = this.#make(notice);
    // What was told with a button that does nothing any more is old news.
    const current = this.toasts.filter(({ action }) => !action || action.holds());
    this.toasts = [...current, shown].slice(-toasts_max);
    return shown;
  }

  #make(notice: Omit<Notice, 'id' | 'at'>): Notice {
    this.#made += 1;
    return { ...notice, id: this.#made, at: new Date() };
  }

  /** By who has said it, whoever spoke last first. */
  get groups(): NoticeGroup[] {
    const groups = new Map<string, NoticeGroup>();
    for (const notice of this.all) {
      const moduleId = notice.icon.kind === 'module' ? notice.icon.id : null;
      const key = moduleId ?? notice.source;
      const group = groups.get(key) ?? { key, moduleId, source: notice.source, notices: [] };
      group.notices.push(notice);
      groups.set(key, group);
    }
    return [...groups.values()];
  }

  hideToast(id: number): void {
    this.toasts = this.toasts.filter((notice) => notice.id !== id);
  }

  /** The person looks at the notification centre: what it shows need not be told any more. */
  markRead(): void {
    this.unread = 0;
    this.toasts = [];
    const seen = this.#unseen;
    this.#unseen = [];
    if (seen.length > 0) this.#onseen(seen);
  }

  remove(id: number): void {
    this.all = this.all.filter((notice) => notice.id !== id);
    this.hideToast(id);
  }

  clear(): void {
    this.all = [];
    this.toasts = [];
    this.unread = 0;
  }
}

/** The person does not want to be disturbed by the module; what the desktop itself has to say always comes up. */
function isQuiet({ icon }: Pick<Notice, 'icon'>): boolean {
  const { quiet, quiet_modules } = preferences.current;
  return icon.kind === 'module' && (quiet || quiet_modules.includes(icon.id));
}
