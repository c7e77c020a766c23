import { type Appearance, HanabiError, type Preferences, type Results } from '@hanabi/protocol';
import { toFileRef } from '../storage/file-ref.ts';
import type { Item } from '../storage/file-tree.ts';
import type { Call } from './call.ts';

export async function desktopList(call: Call<'HANABI_DESKTOP_LIST'>): Promise<Results['HANABI_DESKTOP_LIST']> {
  const { context, caller } = call;
  const { user, module } = caller;
  const modules = context.registry
    .all(user.id)
    .map(({ id, manifest }) => ({ kind: 'module' as const, id, name: manifest.name }));
  const shortcuts = (await context.desktopItems.shortcuts(user.id)).map(({ id, label }) => {
    return { kind: 'shortcut' as const, id, name: label };
  });
  const { folders, files } = await context.desktopItems.content(user);
  const own = await context.desktopItems.placedBy(module.id);
  const item = (kind: 'file' | 'folder') => (row: { id: string; name: string }) => {
    return { kind, id: row.id, name: row.name, mine: own.has(row.id) };
  };
  return { icons: [...modules, ...shortcuts], items: [...folders.map(item('folder')), ...files.map(item('file'))] };
}

/** Only what is the module's own: what else it may read stays where the user has put it. */
export async function desktopPlace(call: Call<'HANABI_DESKTOP_PLACE'>): Promise<Results['HANABI_DESKTOP_PLACE']> {
  const { context, caller, scope, payload } = call;
  const { item } = scope;
  const copy = payload.copy === true;
  const id = item.kind === 'file' ? item.file.id : item.folder.id;
  const { module_id } = await context.tree.place(item.kind === 'file' ? item.file.folder_id : item.folder.id);
  if (module_id !== caller.module.id) throw new HanabiError('HANABI-F002', id);
  if (copy && item.kind === 'folder') throw new HanabiError('HANABI-V002', '"copy" is for files');
  const placed = await context.desktopItems.place(caller.user, caller.module.id, item, copy);
  context.live.desktopChanged(caller.user.id);
  if (placed.kind === 'file') return { file: toFileRef(placed.file) };
  return { folder: { id: placed.folder.id, name: placed.folder.name } };
}

export async function desktopRemove(call: Call<'HANABI_DESKTOP_REMOVE'>): Promise<Results['HANABI_DESKTOP_REMOVE']> {
  const { context, caller, payload } = call;
  const item = await namedItem(call);
  const parent = item.kind === 'file' ? item.file.folder_id : item.folder.parent_id;
  const id = (payload.fileId ?? payload.folderId)!;
  const isThere = (await context.desktopItems.folder(caller.user))?.id === parent;
  if (!isThere || !(await context.desktopItems.placedBy(caller.module.id)).has(id)) {
    throw new HanabiError('HANABI-F002', id);
  }
  await context.tree.trash([item]);
  context.live.desktopChanged(caller.user.id);
  return { ok: true };
}

async function namedItem({ context, caller, payload }: Call<'HANABI_DESKTOP_REMOVE'>): Promise<Item> {
  const { fileId, folderId } = payload;
  if ((fileId === undefined) === (folderId === undefined)) {
    throw new HanabiError('HANABI-V002', 'it names a "fileId" or a "folderId", one of the two');
  }
  const ref = fileId === undefined ? { folder_id: folderId! } : { file_id: fileId };
  const [item] = await context.tree.items(caller.user.id, [ref]);
  return item!;
}

export async function desktopShortcut(
  call: Call<'HANABI_DESKTOP_SHORTCUT'>,
): Promise<Results['HANABI_DESKTOP_SHORTCUT']> {
  const { context, caller, payload, scope } = call;
  const { user, module } = caller;
  const { action } = payload;
  const known = module.manifest.desktop.jump_list.find(({ id }) => id === action);
  if (action !== undefined && !known) throw new HanabiError('HANABI-V002', '"action" is not in the jump list');
  const label = oneLine(payload.label) || known?.label || scope.file?.name || module.manifest.name;
  const wish = { label, action: action ?? null, file_id: scope.file?.id ?? null };
  const { id } = await context.desktopItems.addShortcut(user.id, module.id, wish);
  context.live.desktopChanged(user.id);
  return {
    shortcut: { id, label, ...(action !== undefined && { action }), ...(scope.file && { fileId: scope.file.id }) },
  };
}

export async function desktopRemoveShortcut(
  call: Call<'HANABI_DESKTOP_REMOVE_SHORTCUT'>,
): Promise<Results['HANABI_DESKTOP_REMOVE_SHORTCUT']> {
  const { context, caller, payload } = call;
  await context.desktopItems.removeShortcut(caller.user.id, payload.shortcutId, caller.module.id);
  context.live.desktopChanged(caller.user.id);
  return { ok: true };
}

export async function desktopAppearance({ context, caller }: Call<'HANABI_DESKTOP_APPEARANCE'>): Promise<Appearance> {
  return appearanceOf(await context.preferences.of(caller.user.id));
}

export async function desktopPersonalize(call: Call<'HANABI_DESKTOP_PERSONALIZE'>): Promise<Appearance> {
  const { context, caller, payload } = call;
  const changed = await context.preferences.change(caller.user.id, payload);
  context.live.preferencesChanged(caller.user.id);
  return appearanceOf(changed);
}

function appearanceOf({ wallpaper, accent, theme }: Preferences): Appearance {
  return { wallpaper, accent, theme };
}

/** Nothing invisible, and nothing that turns the text around it. */
function oneLine(text = ''): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
}
