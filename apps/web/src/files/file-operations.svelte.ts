/**
 * What a person does with files: each deed with its progress, its way back, and a word about it. Explorer windows,
 * menus, keys and drops all come here.
 */
import type { FolderEntry, ItemEntries, ItemRef } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import type { Notices } from '../desktop/notices.svelte.ts';
import { errorText, type MessageKey, t } from '../i18n/i18n.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import { type Entry, entryOf, parentOf, refOf } from './entries.ts';
import { announceFilesChanged } from './files-changed.ts';
import { Tasks } from './tasks.svelte.ts';
import { type Deed, UndoStack } from './undo-stack.svelte.ts';

/** Few enough that progress moves, many enough that thousands of files take seconds. */
const batch_size = 500;

type FilesApi = Pick<
  DesktopApi,
  'rename' | 'move' | 'copy' | 'moveToTrash' | 'restore' | 'deleteTrashed' | 'emptyTrash' | 'makeFolder'
>;

type Counted = Extract<MessageKey, `deeds.${string}.done`>;

export class FileOperations {
  readonly #api: FilesApi;
  readonly #notices: Notices;
  readonly tasks = new Tasks();
  readonly undoable = new UndoStack();

  constructor(api: FilesApi, notices: Notices) {
    this.#api = api;
    this.#notices = notices;
  }

  /** Fails with the server's reason; a field that is still open shows it. */
  async rename(entry: Entry, name: string): Promise<Entry> {
    const { items } = await this.#api.rename(refOf(entry), name);
    announceFilesChanged();
    const renamed = entryOf(items[0]!);
    const call = (other: string) => async () => {
      await this.#api.rename(refOf(entry), other);
    };
    this.#did(t('deeds.rename.done', { from: entry.name, to: renamed.name }), call(entry.name), call(renamed.name));
    return renamed;
  }

  move(entries: readonly Entry[], folderId: string): Promise<Entry[]> {
    const away = entries.filter((entry) => parentOf(entry) !== folderId);
    return this.#inBatches(
      'move',
      away,
      (refs) => this.#api.move(refs, folderId),
      (moved) => this.#moveBack(moved),
      (moved) => this.#each(after(moved), (refs) => this.#api.move(refs, folderId)),
    );
  }

  copy(entries: readonly Entry[], folderId: string): Promise<Entry[]> {
    return this.#inBatches(
      'copy',
      entries,
      (refs) => this.#api.copy(refs, folderId),
      (copied) => this.#throwAway(after(copied)),
      // The same copies again, so that what is done with them later finds them.
      (copied) => this.#takeBack(after(copied)),
    );
  }

  trash(entries: readonly Entry[]): Promise<Entry[]> {
    const throwAway = async (refs: ItemRef[]) => {
      await this.#api.moveToTrash(refs);
      return null;
    };
    return this.#inBatches(
      'trash',
      entries,
      throwAway,
      (thrown) => this.#takeBack(after(thrown)),
      (thrown) => this.#throwAway(after(thrown)),
    );
  }

  restore(entries: readonly Entry[]): Promise<Entry[]> {
    return this.#inBatches(
      'restore',
      entries,
      (refs) => this.#api.restore(refs),
      (restored) => this.#throwAway(after(restored)),
      (restored) => this.#takeBack(after(restored)),
    );
  }

  /** Deletes for good what lies in the Trash. */
  async deleteTrashed(entries: readonly Entry[]): Promise<void> {
    const doing = t('deeds.delete.doing', { count: entries.length });
    try {
      await this.tasks.run(doing, entries.length, (task) =>
        this.#each(entries.map(refOf), async (refs) => {
          await this.#api.deleteTrashed(refs);
          task.done += refs.length;
        }),
      );
    } catch (cause) {
      this.#fail(cause, t('deeds.delete.failed'));
    }
    announceFilesChanged();
  }

  async emptyTrash(): Promise<void> {
    await this.tasks.run(t('deeds.emptyTrash.doing'), 1, () => this.#api.emptyTrash());
    announceFilesChanged();
  }

  /** Fails with the server's reason, for the dialog that asked for the name. */
  async makeFolder(parentId: string, name: string): Promise<FolderEntry> {
    const made = await this.#api.makeFolder(parentId, name);
    announceFilesChanged();
    const refs = [{ folder_id: made.id }];
    this.#did(
      t('deeds.folder.done', { name: made.name }),
      () => this.#throwAway(refs),
      () => this.#takeBack(refs),
    );
    return made;
  }

  async undo(deed?: Deed): Promise<void> {
    try {
      const undone = await this.undoable.undo(deed);
      if (undone) this.#sayUndone(undone);
    } catch (cause) {
      this.#fail(cause, t('deeds.undo.failed'));
    }
    announceFilesChanged();
  }

  async redo(deed?: Deed): Promise<void> {
    try {
      const redone = await this.undoable.redo(deed);
      if (redone) this.#sayDone(redone, t('deeds.redone', { deed: redone.label }));
    } catch (cause) {
      this.#fail(cause, t('deeds.redo.failed'));
    }
    announceFilesChanged();
  }

  /** Does a deed on all entries; what of it succeeded counts and can be undone, also when the rest failed. */
  async #inBatches(
    kind: 'move' | 'copy' | 'trash' | 'restore',
    entries: readonly Entry[],
    act: (refs: ItemRef[]) => Promise<ItemEntries | null>,
    undo: (changed: readonly Changed[]) => Promise<void>,
    redo: (changed: readonly Changed[]) => Promise<void>,
  ): Promise<Entry[]> {
    if (entries.length === 0) return [];
    const changed: Changed[] = [];
    try {
      await this.tasks.run(t(`deeds.${kind}.doing`, { count: entries.length }), entries.length, async (task) => {
        for (let start = 0; start < entries.length; start += batch_size) {
          const batch = entries.slice(start, start + batch_size);
          const answer = await act(batch.map(refOf));
          const now = answer ? answer.items.map(entryOf) : batch;
          changed.push(...now.map((one, index) => ({ before: batch[index]!, after: one })));
          task.done = changed.length;
        }
      });
    } catch (cause) {
      this.#fail(cause, t(`deeds.${kind}.failed`));
    }
    announceFilesChanged();
    const done: Counted = `deeds.${kind}.done`;
    if (changed.length > 0) {
      const label = t(done, { count: changed.length, name: changed[0]!.before.name });
      this.#did(
        label,
        () => undo(changed),
        () => redo(changed),
      );
    }
    return changed.map((one) => one.after);
  }

  /** Back to the folders they came from, and to the names they had if they had to take others. */
  async #moveBack(moved: readonly Changed[]): Promise<void> {
    const byOrigin = new Map<string, ItemRef[]>();
    for (const { before, after: now } of moved) {
      const origin = parentOf(before) ?? 'root';
      byOrigin.set(origin, [...(byOrigin.get(origin) ?? []), refOf(now)]);
    }
    for (const [folderId, refs] of byOrigin) await this.#each(refs, (batch) => this.#api.move(batch, folderId));
    for (const { before, after: now } of moved) {
      if (before.name !== now.name) await this.#api.rename(refOf(now), before.name);
    }
  }

  #throwAway(refs: readonly ItemRef[]): Promise<void> {
    return this.#each(refs, (batch) => this.#api.moveToTrash(batch));
  }

  #takeBack(refs: readonly ItemRef[]): Promise<void> {
    return this.#each(refs, (batch) => this.#api.restore(batch));
  }

  async #each(refs: readonly ItemRef[], act: (refs: ItemRef[]) => Promise<unknown>): Promise<void> {
    for (let start = 0; start < refs.length; start += batch_size) await act(refs.slice(start, start + batch_size));
  }

  #did(label: string, undo: () => Promise<void>, redo: () => Promise<void>): void {
    const deed: Deed = { label, undo, redo };
    this.undoable.push(deed);
    this.#sayDone(deed, label);
  }

  #sayDone(deed: Deed, message: string): void {
    this.#say(message, {
      label: t('deeds.undo'),
      choose: () => void this.undo(deed),
      holds: () => this.undoable.has(deed),
    });
  }

  #sayUndone(deed: Deed): void {
    this.#say(t('deeds.undone', { deed: deed.label }), {
      label: t('deeds.redo'),
      choose: () => void this.redo(deed),
      holds: () => this.undoable.hasUndone(deed),
    });
  }

  #say(message: string, action: { label: string; choose: () => void; holds: () => boolean }): void {
    this.#notices.flash({
      source: t('programs.explorer'),
      icon: { kind: 'explorer' },
      title: t('programs.explorer'),
      message,
      tone: 'success',
      action,
    });
  }

  #fail(cause: unknown, title: string): void {
    const error = asHanabiError(cause);
    const message = `${errorText(error)} (${error.code})`;
    this.#notices.add({ source: t('programs.explorer'), icon: { kind: 'explorer' }, title, message, tone: 'error' });
  }
}

interface Changed {
  before: Entry;
  after: Entry;
}

function after(changed: readonly Changed[]): ItemRef[] {
  return changed.map((one) => refOf(one.after));
}
