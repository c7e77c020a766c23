/** Who may have which histories played again with which version of a module. */
import { join } from 'node:path';
import {
  HanabiError,
  requirePermission,
  type UserWorkflow,
  type WorkflowCheck,
  type WorkflowCheckLine,
  type WorkflowPlayback,
} from '@hanabi/protocol';
import type { UserRow } from '../accounts/users.ts';
import type { ModuleRegistry } from '../modules/registry.ts';
import { manifestOf, publishedRow, type VersionRow, versionRow } from '../modules/version-rows.ts';
import { type CheckParts, type CheckScope, checkHistories } from './check-histories.ts';
import { CheckTurns } from './check-turns.ts';
import { playRun } from './play-run.ts';
import { readSources } from './source-files.ts';
import type { WorkflowKeeper } from './workflow-keeper.ts';

interface Parts extends CheckParts {
  shared_dir: string;
  registry: ModuleRegistry;
  workflows: Pick<WorkflowKeeper, 'keepsHistories'>;
}

export class WorkflowChecks {
  private readonly parts: Parts;
  private readonly turns = new CheckTurns();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /**
   * For the review: everybody's workflows of the module. What came of it is kept with the version, for the decision.
   * HANABI-M013; W032 as below.
   */
  async *ofSubmitted(
    reviewer: UserRow,
    moduleId: string,
    version: string,
    signal: AbortSignal,
  ): AsyncGenerator<WorkflowCheckLine, void, void> {
    const { db } = this.parts;
    const row = await versionRow(db, moduleId, version);
    if (row.state === 'draft') throw new HanabiError('HANABI-M013', `${moduleId} ${version}`);
    const published = await publishedRow(db, moduleId);
    const live = published?.live_version ? await versionRow(db, moduleId, published.live_version) : row;
    const summary = yield* this.check(reviewer.id, row, [live], { module_id: moduleId }, signal);
    await db
      .updateTable('module_versions')
      .set({ workflow_check: JSON.stringify(summary) })
      .where('module_id', '=', moduleId)
      .where('version', '=', version)
      .execute();
    // Only then: whoever decides on hearing it decides with it on record.
    yield { kind: 'done', summary };
  }

  /**
   * For a developer, before the review: their own workflows of the module. Those of other people are for the review: each
   * answer about them would let code that nobody has looked at tell its developer something of their data. HANABI-M013;
   * M001 and M008 for who does not use the module; P002 where nobody has allowed it workflows;
   * W032 where a cluster has the histories. `viewer_id`: the developer,
   * or nobody where a key speaks for them, which is to open nothing of theirs.
   */
  async *ofDraft(
    developer: UserRow,
    viewer_id: string,
    moduleId: string,
    version: string,
    signal: AbortSignal,
  ): AsyncGenerator<WorkflowCheckLine, void, void> {
    const { db, registry } = this.parts;
    const published = await publishedRow(db, moduleId);
    if (published?.developer_id !== developer.id) throw new HanabiError('HANABI-M013', `${moduleId} ${version}`);
    const row = await versionRow(db, moduleId, version);
    const used = registry.getInUse(moduleId, developer.id);
    requirePermission('worker.workflow', await registry.rights(used, developer.id));
    const summary = yield* this.check(viewer_id, row, [], { module_id: moduleId, user_id: developer.id }, signal);
    yield { kind: 'done', summary };
  }

  /** A past run line by line, for who it is of. What it throws: playRun. */
  async playback(
    owner_id: string,
    module: Parameters<typeof playRun>[1],
    summary: UserWorkflow,
    signal: AbortSignal,
  ): Promise<WorkflowPlayback> {
    const done = await this.turns.take(owner_id);
    try {
      return await playRun(this.parts, module, summary, signal);
    } finally {
      done();
    }
  }

  private async *check(
    viewer_id: string,
    row: VersionRow,
    others: readonly VersionRow[],
    scope: CheckScope,
    signal: AbortSignal,
  ): AsyncGenerator<WorkflowCheckLine, WorkflowCheck, void> {
    // None would be found, and nothing be broken by that.
    if (!this.parts.workflows.keepsHistories) {
      throw new HanabiError('HANABI-W032', 'it has the histories, and nothing is tried with those that it has');
    }
    const done = await this.turns.take(scope.user_id ?? viewer_id);
    try {
      const dirs = [row, ...others].map(({ package_dir }) => join(this.parts.shared_dir, package_dir));
      const known = await Promise.all(dirs.map(readSources));
      const code = { manifest: manifestOf(row), package_dir: dirs[0]! };
      return yield* checkHistories(this.parts, code, scope, { viewer_id, tried: known[0]!, known }, signal);
    } finally {
      done();
    }
  }
}
