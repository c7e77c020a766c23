import type { FileEntry, Permission, Tone } from '@hanabi/protocol';

/** What the bridge needs of the desktop around it. */
export interface HostServices {
  /** Shows a notification; texts are already clamped, and always appear as text under the module's own name. */
  notify(notice: {
    moduleId: string;
    moduleName: string;
    iconUrl: string | null;
    title: string;
    message: string;
    tone: Tone;
  }): void;
  /** A number on the taskbar buttons of the module; 0: none. */
  setBadge(moduleId: string, count: number): void;
  /** Opens File Explorer at a folder, or brings the window that shows it to the front. */
  openFolder(folderId: string): void;
  /** The host's own file dialog; null when the user chose nothing. It goes away when the signal says so. */
  pickUserFile(request: { moduleName: string; accepts?: string[]; signal: AbortSignal }): Promise<FileEntry | null>;
  /** Asks the person whether a module may do something; whether they said yes. A no of theirs stands without asking. */
  askConsent(request: {
    moduleId: string;
    moduleName: string;
    iconUrl: string | null;
    permission: Permission;
    signal: AbortSignal;
  }): Promise<boolean>;
  /** Opens a module in a window of its own, with a file of the user. */
  openModule(moduleId: string, fileId: string): Promise<void>;
  /** Something below the user's folders may have changed. */
  filesChanged(): void;
}
