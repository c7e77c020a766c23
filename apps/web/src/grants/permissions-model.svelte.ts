/** What the page of permissions shows, and what the person decides there. */
import { type ModuleGrants, PERMISSIONS } from '@hanabi/protocol';
import { type GrantsApi, grantsApi } from '../api/grants.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

export type ModulePermission = ModuleGrants['permissions'][number];

/** Whether the person can change it: a no is always theirs, a yes where it is theirs to give, or to give back. */
export function changeOf({ name, state }: ModulePermission): 'allow' | 'refuse' | null {
  if (state === 'granted') return 'refuse';
  return state === 'refused' || PERMISSIONS[name].tier === 'consent' ? 'allow' : null;
}

export class PermissionsModel extends Attempts {
  readonly #api: GrantsApi;
  modules = $state.raw<readonly ModuleGrants[] | null>(null);

  constructor(api: GrantsApi = grantsApi) {
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

  change(module: ModuleGrants, permission: ModulePermission): Promise<void> {
    const decision = changeOf(permission);
    if (decision === null) return Promise.resolve();
    return this.attempt(async () => {
      await this.#api.decide({ module_id: module.module_id, permissions: [permission.name], decision });
      await this.#read();
    });
  }

  async #read(): Promise<void> {
    this.modules = await this.#api.list();
  }
}
