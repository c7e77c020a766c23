/** What the page of permissions shows, and what the person decides there. */
import { type HanabiError, type ModuleGrants, PERMISSIONS } from '@hanabi/protocol';
import { type GrantsApi, grantsApi } from '../api/grants.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export type ModulePermission = ModuleGrants['permissions'][number];

/** Whether the person can change it: a no is always theirs, a yes where it is theirs to give, or to give back. */
export function changeOf({ name, state }: ModulePermission): 'allow' | 'refuse' | null {
  if (state === 'granted') return 'refuse';
  return state === 'refused' || PERMISSIONS[name].tier === 'consent' ? 'allow' : null;
}

export class PermissionsModel {
  readonly #api: GrantsApi;
  modules = $state.raw<readonly ModuleGrants[] | null>(null);
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);

  constructor(api: GrantsApi = grantsApi) {
    this.#api = api;
  }

  load(): Promise<void> {
    return this.#try(async () => (this.modules = await this.#api.list()));
  }

  change(module: ModuleGrants, permission: ModulePermission): Promise<void> {
    const decision = changeOf(permission);
    if (decision === null) return Promise.resolve();
    return this.#try(async () => {
      await this.#api.decide({ module_id: module.module_id, permissions: [permission.name], decision });
      this.modules = await this.#api.list();
    });
  }

  async #try(act: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      await act();
    } catch (cause) {
      this.error = asHanabiError(cause);
    } finally {
      this.busy = false;
    }
  }
}
