/** When each permission of a module was last used for a user, and, for those that a review grants, every use on record. */
import { type Permission, PERMISSIONS } from '@hanabi/protocol';
import type { Logger } from 'pino';
import type { Audit } from '../audit.ts';
import { type Db, now } from '../storage/db.ts';
import type { InstalledModule } from './registry.ts';

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
    this.write(use, [...permissions]).catch((error: unknown) => {
      this.log.error({ err: error }, 'a use of a permission could not be noted');
    });
  }

  async lastUses(userId: string): Promise<Map<string, string>> {
    const rows = await this.db.selectFrom('permission_uses').selectAll().where('user_id', '=', userId).execute();
    return new Map(rows.map(({ module_id, permission, used_at }) => [`${module_id} ${permission}`, used_at]));
  }

  private async write({ user, module, detail, request_id }: Use, permissions: readonly Permission[]): Promise<void> {
    for (const permission of permissions) {
      const { tier } = PERMISSIONS[permission];
      if (tier === 'admin' || tier === 'admin-high') {
        const about = { actor: user.name, module_id: module.id, module_version: module.version, permission };
        await this.audit.record({ event: 'permission.use', ...about, detail, request_id: request_id ?? null });
      }
      const key = `${user.id} ${module.id} ${permission}`;
      const nowMs = Date.now();
      if (nowMs - (this.written.get(key) ?? 0) < GRANULARITY_MS) continue;
      if (this.written.size >= REMEMBERED_MAX) this.written.clear();
      this.written.set(key, nowMs);
      const change = { used_at: now() };
      await this.db
        .insertInto('permission_uses')
        .values({ user_id: user.id, module_id: module.id, permission, ...change })
        .onConflict((conflict) => conflict.columns(['user_id', 'module_id', 'permission']).doUpdateSet(change))
        .execute();
    }
  }
}
