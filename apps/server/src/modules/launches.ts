import { HanabiError, type Launch, LIMITS, type ModuleContext } from '@hanabi/protocol';
import type { Selectable } from 'kysely';
import type { LiveSession } from '../accounts/sessions.ts';
import { newId } from '../ids.ts';
import { isSqlite } from '../storage/clock.ts';
import { type Db, now } from '../storage/db.ts';
import type { FileRow, FileTree, FolderRow } from '../storage/file-tree.ts';
import type { Tables } from '../storage/schema.ts';
import type { Signals } from '../storage/signals.ts';
import { inTransaction } from '../storage/transaction.ts';
import { ensureModuleFolders } from './module-folders.ts';
import type { InstalledModule, ModuleRegistry } from './registry.ts';

export type LaunchRow = Selectable<Tables['launches']>;

export interface LaunchWish {
  module: InstalledModule;
  file: FileRow | undefined;
  action: string | undefined;
}

/** Open windows of modules. A launch belongs to a session; its ticket opens the assets of its module and nothing else. */
export class Launches {
  private readonly db: Db;
  private readonly tree: FileTree;
  private readonly registry: ModuleRegistry;
  private readonly signals: Signals;
  private readonly byId = new Map<string, LaunchRow>();
  private readonly byTicket = new Map<string, LaunchRow>();
  private readonly endings = new Set<(launch: LaunchRow) => void>();

  constructor(db: Db, tree: FileTree, registry: ModuleRegistry, signals: Signals) {
    this.db = db;
    this.tree = tree;
    this.registry = registry;
    this.signals = signals;
    signals.on('launch-ended', (id) => this.endedElsewhere(id));
  }

  /** Launches survive a restart of the server, like the sessions they belong to. */
  async load(): Promise<void> {
    for (const row of await this.db.selectFrom('launches').selectAll().execute()) this.remember(row);
  }

  /** Before one is looked up that another server of the same database may have made. */
  async seek(where: Partial<Pick<LaunchRow, 'id' | 'ticket' | 'session_hash'>>): Promise<void> {
    if (isSqlite(this.db)) return;
    if (this.byId.has(where.id ?? '') || this.byTicket.has(where.ticket ?? '')) return;
    let query = this.db.selectFrom('launches').selectAll();
    for (const [column, value] of Object.entries(where)) query = query.where(column as keyof typeof where, '=', value);
    for (const row of await query.execute()) if (!this.byId.has(row.id)) this.remember(row);
  }

  async create(
    session: LiveSession,
    wish: LaunchWish,
  ): Promise<{ row: LaunchRow; launch: Pick<Launch, 'id' | 'declared' | 'context'> }> {
    const { module, file, action } = wish;
    await this.dropOldest(session.token_hash);
    const row: LaunchRow = {
      id: newId(),
      ticket: newId(),
      user_id: session.user.id,
      session_hash: session.token_hash,
      module_id: module.id,
      module_version: module.version,
      opened_file_id: file?.id ?? null,
      action: action ?? null,
      created_at: now(),
    };
    const folders = await ensureModuleFolders(this.tree, session.user, module.manifest);
    await inTransaction(this.db, async (db) => {
      await db.insertInto('launches').values(row).execute();
      if (file) await db.insertInto('launch_files').values({ launch_id: row.id, file_id: file.id }).execute();
    });
    this.remember(row);
    const rights = await this.registry.rights(module, session.user.id);
    const context = moduleContext(module, folders, [...rights.granted], file, action);
    return { row, launch: { id: row.id, declared: [...rights.declared], context } };
  }

  /** The live launch of this id if it belongs to this session, or HANABI-M002. */
  get(id: string, session: LiveSession): LaunchRow {
    const launch = this.byId.get(id);
    if (launch?.session_hash !== session.token_hash) throw new HanabiError('HANABI-M002');
    return launch;
  }

  /** For what was made for a launch and says by itself that it may speak for it. */
  find(id: string): LaunchRow | undefined {
    return this.byId.get(id);
  }

  withTicket(ticket: string): LaunchRow | undefined {
    return this.byTicket.get(ticket);
  }

  /** The launch of a module that a session opened last. */
  newest(sessionHash: string, moduleId: string): LaunchRow | undefined {
    return this.ofSession(sessionHash).findLast((launch) => launch.module_id === moduleId);
  }

  async addFile(launch: LaunchRow, file: FileRow): Promise<void> {
    await this.db
      .insertInto('launch_files')
      .values({ launch_id: launch.id, file_id: file.id })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async mayRead(launch: LaunchRow, fileId: string): Promise<boolean> {
    const row = await this.db
      .selectFrom('launch_files')
      .select('file_id')
      .where('launch_id', '=', launch.id)
      .where('file_id', '=', fileId)
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Calls for each launch that ends from now on, however it ends. */
  onEnded(listener: (launch: LaunchRow) => void): void {
    this.endings.add(listener);
  }

  async end(launch: LaunchRow): Promise<void> {
    this.forget(launch);
    await this.db.deleteFrom('launches').where('id', '=', launch.id).execute();
    this.signals.tell('launch-ended', launch.id);
  }

  /** Forgets the launches of a session that ended; their rows went with the session's. */
  sessionEnded(sessionHash: string): void {
    for (const launch of this.ofSession(sessionHash)) this.forget(launch);
  }

  private endedElsewhere(id: string | undefined): void {
    // Whichever still live are found again when they are asked for.
    const gone = id === undefined ? [...this.byId.values()] : [this.byId.get(id)];
    for (const launch of gone) if (launch) this.forget(launch);
  }

  /** A reload of the desktop leaves launches behind that nobody closes; beyond the limit the oldest make room. */
  private async dropOldest(sessionHash: string): Promise<void> {
    const mine = this.ofSession(sessionHash);
    for (const launch of mine.slice(0, Math.max(0, mine.length - LIMITS.launches_per_session_max + 1))) {
      await this.end(launch);
    }
  }

  private ofSession(sessionHash: string): LaunchRow[] {
    return [...this.byId.values()].filter((launch) => launch.session_hash === sessionHash);
  }

  private remember(row: LaunchRow): void {
    this.byId.set(row.id, row);
    this.byTicket.set(row.ticket, row);
  }

  private forget(row: LaunchRow): void {
    this.byId.delete(row.id);
    this.byTicket.delete(row.ticket);
    for (const listener of this.endings) listener(row);
  }
}

function moduleContext(
  module: InstalledModule,
  folders: readonly { folder: FolderRow; path: string }[],
  permissions: ModuleContext['permissions'],
  file: FileRow | undefined,
  action: string | undefined,
): ModuleContext {
  const { id, name, version, ui } = module.manifest;
  const { default_width, default_height, min_width, min_height, resizable } = ui.window;
  const context: ModuleContext = {
    id,
    name,
    version,
    permissions,
    folders: folders.map(({ folder, path }) => ({ id: folder.id, name: folder.name, role: folder.role!, path })),
    window: { default_width, default_height, min_width, min_height, resizable },
    features: ['port', 'bytes'],
  };
  if (file) {
    context.openedFile = { id: file.id, name: file.name, mime_type: file.mime_type, size_bytes: file.size_bytes };
  }
  if (action !== undefined) context.launchAction = action;
  return context;
}
