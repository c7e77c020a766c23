/** Notifications: shown once as a toast, kept in the notification centre until they are cleared. */
import type { Tone } from '@hanabi/protocol';
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
}

const kept_max = 100;
const toasts_max = 4;

export class Notices {
  /** The newest first. */
  all = $state.raw<readonly Notice[]>([]);
  toasts = $state.raw<readonly Notice[]>([]);
  unread = $state(0);
  #made = 0;

  add(notice: Omit<Notice, 'id' | 'at'>): void {
    this.#made += 1;
    const added = { ...notice, id: this.#made, at: new Date() };
    this.all = [added, ...this.all].slice(0, kept_max);
    this.toasts = [...this.toasts, added].slice(-toasts_max);
    this.unread += 1;
  }

  hideToast(id: number): void {
    this.toasts = this.toasts.filter((notice) => notice.id !== id);
  }

  /** The person looks at the notification centre: what it shows need not be told any more. */
  markRead(): void {
    this.unread = 0;
    this.toasts = [];
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
