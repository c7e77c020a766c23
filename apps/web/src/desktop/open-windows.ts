/** Which windows were open: kept in the tab while its page is loaded again, and given back to the same person. */
import type { Place } from '../files/place.ts';
import type { Shell } from './shell.svelte.ts';
import type { Zone } from './snap-zones.ts';
import { isTool, type ToolId } from './tools.ts';
import type { Rect } from './window-geometry.ts';
import type { DesktopWindow } from './windows.svelte.ts';

type OpenContent =
  | { kind: 'explorer'; place: Place }
  | { kind: 'tool'; tool: ToolId }
  | { kind: 'module'; module_id: string; file_id?: string };

interface OpenWindow {
  content: OpenContent;
  title: string;
  rect: Rect;
  zone: Zone | null;
  minimised: boolean;
  desktop: number;
  z: number;
}

interface Kept {
  user_id: string;
  /** The one that was seen. */
  desktop: number;
  /** In the order of their buttons in the taskbar. */
  windows: OpenWindow[];
}

const key = 'hanabi.windows';

export function keepOpenWindows(user_id: string, shell: Shell): void {
  const { desktop } = shell.windows;
  const windows = shell.windows.windows.map((window): OpenWindow => {
    const { title, rect, zone, minimised, desktop: on, z } = window;
    return { content: contentOf(shell, window), title, rect, zone, minimised, desktop: on, z };
  });
  try {
    sessionStorage.setItem(key, JSON.stringify({ user_id, desktop, windows } satisfies Kept));
  } catch {
    // A browser that keeps nothing begins with an empty desktop.
  }
}

function contentOf(shell: Shell, { id, content }: DesktopWindow): OpenContent {
  if (content.kind === 'tool') return content;
  if (content.kind === 'explorer') return { kind: 'explorer', place: shell.placeShown(id) ?? content.place };
  // What an action began is not begun once more.
  const { module_id, file_id } = content.request;
  return { kind: 'module', module_id, ...(file_id && { file_id }) };
}

/**
 * Opens what was open; a module that has gone meanwhile is left out. What is kept is forgotten only then, so that a page
 * that is loaded once more before that has it, too.
 */
export async function reopenWindows(user_id: string, shell: Shell): Promise<void> {
  const kept = keptWindows();
  if (!kept) return;
  if (kept.user_id === user_id) {
    if (kept.windows.some(({ content }) => content.kind === 'module')) await shell.knowModules();
    const stood = kept.windows.flatMap((open) => {
      const window = reopen(shell, open);
      return window ? [[window, open] as const] : [];
    });
    shell.windows.putBack(stood, kept.desktop);
    // Whoever has opened a panel meanwhile is not driven out of it.
    if (shell.panel !== null) shell.windows.deactivate();
  }
  sessionStorage.removeItem(key);
}

function reopen(shell: Shell, { content, title }: OpenWindow): DesktopWindow | null {
  if (content.kind === 'tool') return isTool(content.tool) ? shell.openTool(content.tool) : null;
  if (content.kind === 'explorer') return shell.openExplorer(content.place);
  const module = shell.modules.find(({ id }) => id === content.module_id);
  if (!module) return null;
  const window = shell.openModule(module, content.file_id ? { file_id: content.file_id } : {});
  window.title = title;
  return window;
}

function keptWindows(): Kept | null {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null;
  } catch {
    return null;
  }
}
