/** When each permission of a module was last used for a user, and, for those that a review grants, every use on record. */
import type { Permission } from '@hanabi/protocol';
import type { Logger } from 'pino';
import type { Audit } from '../audit.ts';
import { type Db, now } from '../storage/db.ts';
import type { InstalledModule } from './registry.ts';
import { isAdminPermission } from './review-reasons.ts';

/** How stale the time of last use may get; writing it at each request would cost a disk sync each. */
const GRANULARITY_MS = 60_000;
const REMEMBERED_MAX = 20_000;

export interface Use {
  user: { id: string; name: string };
  module: Pick<InstalledModule, 'id' | 'version'>;
  /** What was done with it. */
  detail: string;
  request_id?: string | undefined;
}

export class PermissionUses {
  private readonly db: Db;
  private readonly audit: Audit;
  private readonly log: Logger;
  private readonly written = new Map<string, number>();

  constructor(db: Db, audit: Audit, log: Logger) {
    this.db = db;
    this.audit = audit;
    this.log = log;
  }

  /** Nobody waits for it: what is asked for is done, whether or not somebody can be told of it later. */
  note(use: Use, permissions: Iterable<Permission>): void {
    this.write(use, [...permissions]).catch((err: unknown) => this.failed(err));
  }

  /** What was refused of those that a review grants; once a minute each, so that who asks all day does not fill the record. */
  noteRefused(use: Use, permissions: readonly Permission[]): void {
    const refused = permissions.filter(
      (permission) => isAdminPermission(permission) && this.isNew(`refused ${keyOf(use, permission)}`),
    );
    for (const permission of refused) {
      this.record(use, permission, 'refused').catch((err: unknown) => this.failed(err));
    }
  }

  async lastUses(userId: string): Promise<Map<string, string>> {
    const rows = await this.db.selectFrom('permission_uses').selectAll().where('user_id', '=', userId).execute();
    return new Map(rows.map(({ module_id, permission, used_at }) => [`${module_id} ${permission}`, used_at]));
  }

  private async write(use: Use, permissions: readonly Permission[]): Promise<void> {
    for (const permission of permissions) {
      if (isAdminPermission(permission)) await this.record(use, permission, 'ok');
      if (!this.isNew(keyOf(use, permission))) continue;
      const change = { used_at: now() };
      await this.db
        .insertInto('permission_uses')
        .values({ user_id: use.user.id, module_id: use.module.id, permission, ...change })
        .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'permission']).doUpdateSet(change))
        .execute();
    }
  }

  private record(use: Use, permission: Permission, outcome: 'ok' | 'refused'): Promise<void> {
    const { user, module, detail, request_id = null } = use;
    const about = { actor: user.name, module_id: module.id, module_version: module.version, permission };
    return this.audit.record({ event: 'permission.use', outcome, ...about, detail, request_id });
  }

  /** Whether it was not written for a while. */
  private isNew(key: string): boolean {
    const now_ms = Date.now();
    if (now_ms - (this.written.get(key) ?? 0) < GRANULARITY_MS) return false;
    if (this.written.size >= REMEMBERED_MAX) this.written.clear();
    this.written.set(key, now_ms);
    return true;
  }

  private failed(err: unknown): void {
    this.log.error({ err }, 'a use of a permission could not be noted');
  }
}

function keyOf({ user, module }: Use, permission: Permission): string {
  return `${user.id} ${module.id} ${permission}`;
}
