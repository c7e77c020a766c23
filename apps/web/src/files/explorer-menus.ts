/** The context menus of File Explorer. Every item says the keys that do the same. */
import { t } from '../i18n/i18n.ts';
import type { MenuItem } from '../ui/menu-state.svelte.ts';
import { moduleIcon } from '../ui/program-icon.ts';
import type { Entry } from './entries.ts';
import { SORT_KEYS } from './entries.ts';
import type { ExplorerModel } from './explorer-model.svelte.ts';
import { extensionOf } from './file-kind.ts';
import { chosenModule, modulesFor } from './open-with.ts';

/** What can be associated; the rule of the protocol, without the library that its schema would bring along. */
const plain_extension = /^[a-z0-9][a-z0-9.+-]{0,31}$/;

export interface UploadFields {
  files: () => void;
  folder: () => void;
}

/** For what is chosen, of which `entry` is what the menu was opened on. */
export function entryMenu(model: ExplorerModel, entry: Entry): MenuItem[] {
  const properties: MenuItem = {
    label: t('files.properties'),
    icon: 'info',
    keys: 'Alt+Enter',
    separated: true,
    choose: () => model.showProperties(),
  };
  if (model.inTrash) {
    return [
      { label: t('files.restore'), icon: 'putBack', choose: () => void model.restore() },
      { label: t('files.deleteForGood'), icon: 'trash', keys: 'Del', separated: true, choose: () => model.remove() },
      properties,
    ];
  }
  const single = model.only !== null;
  const items: MenuItem[] = [];
  if (single) {
    const icon = entry.kind === 'folder' ? 'folder' : 'open';
    items.push({ label: t('files.open'), icon, keys: 'Enter', choose: () => model.open(entry) });
    if (entry.kind === 'file') items.push(...openWith(model, entry.name, entry.file.id));
    if (entry.path) items.push({ label: t('files.reveal'), icon: 'folder', choose: () => model.reveal(entry) });
  }
  items.push(
    { label: t('files.download'), icon: 'download', choose: () => model.download() },
    { label: t('files.cut'), icon: 'cut', keys: 'Ctrl+X', separated: true, choose: () => model.cut() },
    { label: t('files.copy'), icon: 'copy', keys: 'Ctrl+C', choose: () => model.copy() },
  );
  if (single && entry.kind === 'folder' && model.shell.clipboard.clip) {
    items.push({
      label: t('files.pasteInto'),
      icon: 'paste',
      choose: () => {
        const clip = model.shell.clipboard.take();
        if (clip) void model.bring(clip.entries, entry.id, clip.mode === 'cut' ? 'move' : 'copy');
      },
    });
  }
  if (single) {
    items.push({
      label: t('files.rename'),
      icon: 'rename',
      keys: 'F2',
      separated: true,
      choose: () => model.startRename(),
    });
  }
  items.push(
    { label: t('files.toTrash'), icon: 'trash', keys: 'Del', separated: !single, choose: () => model.remove() },
    properties,
  );
  return items;
}

/** The modules that open the file, and which of them is to open all files of its kind. */
function openWith(model: ExplorerModel, name: string, fileId: string): MenuItem[] {
  const { shell } = model;
  const modules = modulesFor(shell.modules, name, shell.associations);
  if (modules.length === 0) return [];
  const opening: MenuItem[] = modules.map((module) => ({
    label: module.name,
    picture: moduleIcon(module),
    choose: () => shell.openModule(module, { file_id: fileId }, name),
  }));
  const extension = extensionOf(name);
  if (modules.length > 1 && plain_extension.test(extension)) {
    opening.push({ label: t('files.always', { extension }), separated: true, items: always(model, name, extension) });
  }
  return [{ label: t('files.openWith'), icon: 'modules', items: opening }];
}

function always(model: ExplorerModel, name: string, extension: string): MenuItem[] {
  const { shell } = model;
  const chosen = chosenModule(shell.associations, name);
  return [
    ...modulesFor(shell.modules, name).map((module) => ({
      label: module.name,
      checked: module.id === chosen,
      choose: () => void shell.associate(extension, module.id),
    })),
    {
      label: t('files.always.automatic'),
      checked: chosen === null,
      separated: true,
      choose: () => void shell.associate(extension, null),
    },
  ];
}

/** For the place that is shown. */
export function placeMenu(model: ExplorerModel, upload: UploadFields): MenuItem[] {
  const { view, shell } = model;
  const items: MenuItem[] = [];
  if (view.folderId) {
    items.push(
      {
        label: t('files.newFolder'),
        icon: 'folderPlus',
        keys: 'Alt+N',
        choose: () => (model.dialog = { kind: 'folder' }),
      },
      { label: t('files.upload.button'), icon: 'upload', choose: upload.files },
      { label: t('files.upload.folder'), icon: 'folder', choose: upload.folder },
      {
        label: t('files.paste'),
        icon: 'paste',
        keys: 'Ctrl+V',
        separated: true,
        disabled: !model.canPaste,
        choose: () => void model.paste(),
      },
    );
  }
  if (model.inTrash) items.push(emptyTrashItem(model));
  items.push({
    label: t('files.selectAll'),
    icon: 'check',
    keys: 'Ctrl+A',
    disabled: view.entries.length === 0,
    choose: () => model.selection.all(),
  });
  const { latest, latestUndone } = shell.files.undoable;
  items.push({
    label: latest ? t('files.undo', { deed: latest.label }) : t('deeds.undo'),
    icon: 'undo',
    keys: 'Ctrl+Z',
    disabled: !latest,
    separated: true,
    choose: () => void shell.files.undo(),
  });
  items.push({
    label: latestUndone ? t('files.redo', { deed: latestUndone.label }) : t('deeds.redo'),
    icon: 'redo',
    keys: 'Ctrl+Y',
    disabled: !latestUndone,
    choose: () => void shell.files.redo(),
  });
  items.push({ label: t('files.sort'), icon: 'sort', items: sortMenu(model), separated: true });
  items.push({ label: t('files.refresh'), icon: 'refresh', choose: () => void view.refresh() });
  if (view.folderId) {
    items.push({
      label: t('files.properties'),
      icon: 'info',
      separated: true,
      choose: () => model.showProperties([]),
    });
  }
  return items;
}

function emptyTrashItem(model: ExplorerModel): MenuItem {
  return {
    label: t('files.trash.empty'),
    icon: 'trash',
    disabled: model.view.entries.length === 0,
    choose: () => (model.dialog = { kind: 'delete', what: 'all' }),
  };
}

export function sortMenu(model: ExplorerModel): MenuItem[] {
  const { order } = model.view;
  const key = order?.key ?? null;
  const ascending = order?.ascending ?? true;
  return [
    ...SORT_KEYS.map((other) => ({
      label: t(`files.sort.${other}`),
      checked: other === key,
      choose: () => other !== key && model.sortBy(other),
    })),
    ...[true, false].map((up, index) => ({
      label: t(up ? 'files.sort.ascending' : 'files.sort.descending'),
      checked: key !== null && ascending === up,
      disabled: key === null,
      separated: index === 0,
      choose: () => key !== null && ascending !== up && model.sortBy(key),
    })),
  ];
}
