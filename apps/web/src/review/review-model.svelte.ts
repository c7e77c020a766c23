/** What the review shows, and what an administrator decides in it. */
import {
  type Decision,
  type ModuleVersion,
  type Permission,
  Quota,
  type ReviewCase,
  type SampleRuns,
} from '@hanabi/protocol';
import { ConfirmedAttempts } from '../account/confirmed-attempts.svelte.ts';
import { publishingApi, type PublishingApi } from '../api/publishing.ts';
import { CheckModel } from '../workflow-checks/check-model.svelte.ts';

type Api = Pick<
  PublishingApi,
  'toReview' | 'reviewCase' | 'reviewFile' | 'runSamples' | 'checkSubmitted' | 'decide' | 'suspend' | 'rollBack'
>;

export interface ShownFile {
  path: string;
  text: string;
  line: number | undefined;
}

export class ReviewModel extends ConfirmedAttempts {
  readonly #api: Api;
  #shown = 0;
  versions = $state.raw<readonly ModuleVersion[] | null>(null);
  open = $state.raw<ReviewCase | null>(null);
  file = $state.raw<ShownFile | null>(null);
  runs = $state.raw<SampleRuns | null>(null);
  running = $state(false);
  /** Whether it fits the workflows that are there; null where it has none, and had none. */
  check = $state.raw<CheckModel | null>(null);
  /** Of the admin tiers, what the reviewer would allow. Nothing, until it is said. */
  allowed = $state.raw<ReadonlySet<Permission>>(new Set());
  quota = $state.raw<Quota>(Quota.parse({}));
  note = $state('');
  /** Something with all of a module, which waits for a few words. */
  asking = $state.raw<{ kind: 'suspend' | 'resume' | 'roll-back'; version: ModuleVersion } | null>(null);

  constructor(api: Api = publishingApi) {
    super();
    this.#api = api;
  }

  load(): Promise<void> {
    return this.attempt(() => this.#read());
  }

  /** The same when the server told of something: the person goes on meanwhile. */
  refresh(): Promise<void> {
    return this.quietly(() => this.#read());
  }

  show({ module_id, version }: Pick<ModuleVersion, 'module_id' | 'version'>): Promise<void> {
    this.file = null;
    this.runs = null;
    this.note = '';
    const turn = this.#leave();
    return this.attempt(async () => {
      const found = await this.#api.reviewCase(module_id, version);
      // Another case is shown by now, or none.
      if (turn !== this.#shown) return;
      this.allowed = new Set(found.version.assigned.permissions);
      this.quota = Quota.parse(found.version.assigned);
      this.open = found;
      if (!found.has_workflows) return;
      this.check = new CheckModel((signal) => this.#api.checkSubmitted(module_id, version, signal));
      // Who decides is to know it, also without having asked.
      if (found.version.state === 'submitted') void this.check.run();
    });
  }

  /** What was shown is not any more, and what is on its way comes too late. */
  end(): void {
    this.#leave();
  }

  /** Returns the turn of what is shown next. */
  #leave(): number {
    this.check?.stop();
    this.check = null;
    return (this.#shown += 1);
  }

  back(): Promise<void> {
    this.open = null;
    this.#leave();
    return this.load();
  }

  showFile(path: string, line: number | undefined): Promise<void> {
    const version = this.open?.version;
    if (!version) return Promise.resolve();
    return this.attempt(async () => {
      this.file = { path, line, text: await this.#api.reviewFile(version.module_id, version.version, path) };
    });
  }

  allow(permission: Permission, yes: boolean): void {
    const next = new Set(this.allowed);
    if (yes) next.add(permission);
    else next.delete(permission);
    this.allowed = next;
  }

  async run(): Promise<void> {
    const version = this.open?.version;
    if (!version) return;
    this.running = true;
    await this.attempt(async () => {
      this.runs = await this.#api.runSamples(version.module_id, version.version);
    });
    this.running = false;
  }

  decide(decision: Decision['decision']): Promise<void> {
    const version = this.open?.version;
    if (!version) return Promise.resolve();
    return this.confirmed(async () => {
      const { note, quota } = this;
      const permissions = [...this.allowed];
      await this.#api.decide(version.module_id, version.version, { decision, note, permissions, ...quota });
      this.open = null;
      this.#leave();
      await this.#read();
    });
  }

  async answer(note: string): Promise<void> {
    const question = this.asking;
    this.asking = null;
    if (!question) return;
    const { kind, version } = question;
    await this.confirmed(async () => {
      if (kind === 'roll-back') await this.#api.rollBack(version.module_id, version.version, note);
      else await this.#api.suspend(version.module_id, kind === 'suspend', note);
      await this.#read();
    });
  }

  async #read(): Promise<void> {
    this.versions = await this.#api.toReview();
  }
}
