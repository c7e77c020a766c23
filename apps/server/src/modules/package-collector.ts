/**
 * Takes away the folders of packages that no row names any more: those of a house module’s earlier content, and what a
 * crash left. A job or a window may have been begun with one, so each has to be found nameless for a while.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '@hanabi/protocol';
import type { Logger } from 'pino';
import type { Db } from '../storage/db.ts';

interface Parts {
  db: Db;
  shared_dir: string;
  log: Logger;
  /** While a backup is made nothing is taken away. */
  isHeld: () => Promise<boolean>;
}

export class PackageCollector {
  private readonly parts: Parts;
  /** When each was first found nameless, by its path below the shared folder. */
  private nameless = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private collecting: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Looks now, and again and again. */
  start(): void {
    const look = () => {
      this.collecting ??= this.collect()
        .catch((err: unknown) => this.parts.log.error({ err }, 'could not collect packages that nobody has'))
        .finally(() => {
          this.collecting = undefined;
        });
    };
    this.timer = setInterval(look, LIMITS.package_sweep_interval_ms).unref();
    look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.collecting;
  }

  async collect(now_ms = Date.now()): Promise<void> {
    if (await this.parts.isHeld()) return;
    // Folders first: one that comes after them has its row in time.
    const folders = await this.folders();
    const named = await this.named();
    const before = this.nameless;
    this.nameless = new Map();
    for (const folder of folders) {
      if (named.has(folder)) continue;
      const since_ms = before.get(folder) ?? now_ms;
      if (now_ms - since_ms < LIMITS.package_grace_ms) this.nameless.set(folder, since_ms);
      else await rm(join(this.parts.shared_dir, folder), { recursive: true, force: true });
    }
  }

  private async folders(): Promise<string[]> {
    const found: string[] = [];
    for (const id of await readdir(join(this.parts.shared_dir, 'modules'))) {
      // What is being received lies beside them.
      if (id.startsWith('.')) continue;
      const versions = await readdir(join(this.parts.shared_dir, 'modules', id));
      found.push(...versions.map((version) => join('modules', id, version)));
    }
    return found;
  }

  private async named(): Promise<Set<string>> {
    const { db } = this.parts;
    const house = await db.selectFrom('modules').select('package_dir').execute();
    const published = await db.selectFrom('module_versions').select('package_dir').execute();
    return new Set([...house, ...published].map(({ package_dir }) => package_dir));
  }
}
