/** What the Developer Portal shows, and what a developer does in it. */
import type { ModuleVersion, PackageFinding, PortalModule, PublishKey } from '@hanabi/protocol';
import { publishingApi, type PublishingApi } from '../api/publishing.ts';
import { Attempts } from '../ui/attempts.svelte.ts';
import { CheckModel } from '../workflow-checks/check-model.svelte.ts';

type Api = Pick<
  PublishingApi,
  'published' | 'upload' | 'submit' | 'withdraw' | 'checkDraft' | 'keys' | 'makeKey' | 'removeKey'
>;

export class PortalModel extends Attempts {
  readonly #api: Api;
  readonly #changed: () => Promise<void>;
  /** By what was uploaded. */
  readonly #checks = new Map<string, CheckModel>();
  modules = $state.raw<readonly PortalModule[] | null>(null);
  keys = $state.raw<readonly PublishKey[]>([]);
  /** Why the last package was not taken; or what the validator remarked on it. */
  findings = $state.raw<readonly PackageFinding[] | null>(null);
  uploaded = $state.raw<ModuleVersion | null>(null);
  /** A draft whose submission waits for the note to the reviewer. */
  submitting = $state.raw<ModuleVersion | null>(null);
  /** A key that was just made; it is told once. */
  newKey = $state<string | null>(null);

  /** `changed`: drafts came or went, which the developer can open. */
  constructor(changed: () => Promise<void>, api: Api = publishingApi) {
    super();
    this.#api = api;
    this.#changed = changed;
  }

  load(): Promise<void> {
    return this.attempt(() => this.#read());
  }

  /** The same when the server told of something: the person goes on meanwhile. */
  refresh(): Promise<void> {
    return this.quietly(() => this.#read());
  }

  upload(zip: Blob): Promise<void> {
    this.findings = null;
    this.uploaded = null;
    return this.attempt(async () => {
      const { version, findings } = await this.#api.upload(zip);
      this.findings = findings;
      this.uploaded = version;
      if (version) await Promise.all([this.#read(), this.#changed()]);
    });
  }

  async submit(note: string): Promise<void> {
    const version = this.submitting;
    this.submitting = null;
    if (version) await this.#act(() => this.#api.submit(version.module_id, version.version, note));
  }

  withdraw({ module_id, version }: ModuleVersion): Promise<void> {
    return this.#act(() => this.#api.withdraw(module_id, version));
  }

  checkOf({ module_id, version, package_sha256 }: ModuleVersion): CheckModel {
    const known = this.#checks.get(package_sha256);
    if (known) return known;
    const check = new CheckModel((signal) => this.#api.checkDraft(module_id, version, signal));
    this.#checks.set(package_sha256, check);
    return check;
  }

  makeKey(name: string): Promise<void> {
    return this.#act(async () => {
      this.newKey = (await this.#api.makeKey(name)).key;
    });
  }

  removeKey(id: string): Promise<void> {
    return this.#act(() => this.#api.removeKey(id));
  }

  #act(work: () => Promise<void>): Promise<void> {
    return this.attempt(async () => {
      await work();
      await Promise.all([this.#read(), this.#changed()]);
    });
  }

  async #read(): Promise<void> {
    [this.modules, this.keys] = await Promise.all([this.#api.published(), this.#api.keys()]);
  }
}
