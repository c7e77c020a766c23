/** The places that are always at hand: the top folder and what lies in it, recent files, the Trash. */
import type { FolderEntry } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { compareNames, t } from '../i18n/i18n.ts';
import type { IconName } from '../ui/icons.ts';
import { TRASH } from './file-drop.ts';
import type { Place } from './place.ts';

export interface MainPlace {
  key: string;
  name: string;
  icon: IconName;
  place: Place;
  /** What `data-drop` says. */
  drop?: string;
}

/** Beside the content there is room for some; the others lie in the top folder, one step away. */
const folders_max = 40;

export class MainPlaces {
  readonly #api: Pick<DesktopApi, 'folder'>;
  #root = $state.raw<{ id: string; folders: readonly FolderEntry[] } | null>(null);

  readonly all: readonly MainPlace[] = $derived.by(() => {
    const root = this.#root;
    if (!root) return [];
    return [
      folderPlace(root.id, t('files.home'), 'home'),
      { key: 'recent', name: t('files.recent'), icon: 'clock', place: { kind: 'recent' } },
      { key: 'trash', name: t('files.trash'), icon: 'trash', place: { kind: 'trash' }, drop: TRASH },
      ...root.folders.map(({ id, name }) => folderPlace(id, name, name === 'Modules' ? 'modules' : 'folder')),
    ];
  });

  constructor(api: Pick<DesktopApi, 'folder'>) {
    this.#api = api;
  }

  async load(): Promise<void> {
    try {
      const { folder, folders } = await this.#api.folder('root');
      const sorted = folders.toSorted((a, b) => compareNames(a.name, b.name));
      this.#root = { id: folder.id, folders: sorted.slice(0, folders_max) };
    } catch {
      // The content beside it says what is wrong; what was known before stays.
    }
  }
}

function folderPlace(id: string, name: string, icon: IconName): MainPlace {
  return { key: id, name, icon, place: { kind: 'folder', id }, drop: id };
}
