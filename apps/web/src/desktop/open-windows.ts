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
}

interface Kept {
  user_id: string;
  windows: OpenWindow[];
}

const key = 'hanabi.open-windows';

export function keepOpenWindows(user_id: string, shell: Shell): void {
  // Opened again in the order of what lies above what.
  const windows = shell.windows.windows
    .toSorted((a, b) => a.z - b.z)
    .map((window): OpenWindow => {
      const { title, rect, zone, minimised, desktop } = window;
      return { content: contentOf(shell, window), title, rect, zone, minimised, desktop };
    });
  try {
    sessionStorage.setItem(key, JSON.stringify({ user_id, windows } satisfies Kept));
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

/** Opens what was open; a module that has gone meanwhile is left out. */
export async function reopenWindows(user_id: string, shell: Shell): Promise<void> {
  const windows = takeOpenWindows(user_id);
  if (windows.some(({ content }) => content.kind === 'module')) await shell.knowModules();
  for (const open of windows) {
    const window = reopen(shell, open);
    if (window) shell.windows.putBack(window, open);
  }
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

/** Those of this person, once. */
function takeOpenWindows(user_id: string): OpenWindow[] {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as Kept | null;
    sessionStorage.removeItem(key);
    return kept?.user_id === user_id ? kept.windows : [];
  } catch {
    return [];
  }
}
