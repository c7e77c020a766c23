/** What the console of administrators shows, one part at a time, and what it is asked to do. */
import type {
  AdminJob,
  AdminModule,
  AdminUser,
  AuditFilter,
  AuditRow,
  ChangeUser,
  HanabiError,
  Health,
  Invitation,
  Invite,
  NewInvitation,
  SetGrant,
} from '@hanabi/protocol';
import { accountApi } from '../api/account.ts';
import { type AdminApi, adminApi } from '../api/admin.ts';
import { Confirmation } from '../account/confirmation.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export const PARTS = ['users', 'modules', 'audit', 'jobs', 'health'] as const;
export type Part = (typeof PARTS)[number];

export class AdminModel {
  readonly #api: AdminApi;
  readonly confirmation = new Confirmation(accountApi);
  part = $state<Part>('users');
  users = $state.raw<readonly AdminUser[]>([]);
  invitations = $state.raw<readonly Invitation[]>([]);
  modules = $state.raw<readonly AdminModule[]>([]);
  jobs = $state.raw<readonly AdminJob[]>([]);
  health = $state.raw<Health | null>(null);
  filter = $state.raw<AuditFilter>({ source: 'decisions' });
  rows = $state.raw<readonly AuditRow[]>([]);
  next = $state<number | null>(null);
  /** A link that has just been made; its secret is shown only now. */
  made = $state.raw<NewInvitation | null>(null);
  busy = $state(false);
  error = $state.raw<HanabiError | null>(null);

  constructor(api: AdminApi = adminApi) {
    this.#api = api;
  }

  open(part: Part): Promise<void> {
    this.part = part;
    return this.load();
  }

  load(): Promise<void> {
    return this.#try(() => this.#load());
  }

  changeUser({ id }: AdminUser, change: ChangeUser): Promise<void> {
    return this.#change(() => this.#api.changeUser(id, change));
  }

  signOutEverywhere({ id }: AdminUser): Promise<void> {
    return this.#change(() => this.#api.signOutEverywhere(id));
  }

  turnOffTotp({ id }: AdminUser): Promise<void> {
    return this.#change(() => this.#api.turnOffTotp(id));
  }

  resetPassword({ id }: AdminUser): Promise<void> {
    return this.#change(async () => (this.made = await this.#api.resetPassword(id)));
  }

  invite(wish: Invite): Promise<void> {
    return this.#change(async () => (this.made = await this.#api.invite(wish)));
  }

  withdraw({ id }: Invitation): Promise<void> {
    return this.#change(() => this.#api.withdraw(id));
  }

  setGrant({ id }: AdminModule, wish: SetGrant): Promise<void> {
    return this.#change(() => this.#api.setGrant(id, wish));
  }

  search(filter: AuditFilter): Promise<void> {
    this.filter = filter;
    return this.load();
  }

  more(): Promise<void> {
    return this.#try(async () => {
      const { filter } = this;
      const page = await this.#api.audit(filter, this.next);
      if (filter !== this.filter) return;
      this.rows = [...this.rows, ...page.rows];
      this.next = page.next;
    });
  }

  exportUrl(format: 'csv' | 'ndjson'): string {
    return this.#api.auditExportUrl(this.filter, format);
  }

  async #load(): Promise<void> {
    if (this.part === 'users') {
      [this.users, this.invitations] = await Promise.all([this.#api.users(), this.#api.invitations()]);
    } else if (this.part === 'modules') this.modules = await this.#api.modules();
    else if (this.part === 'jobs') this.jobs = await this.#api.jobs();
    else if (this.part === 'health') this.health = await this.#api.health();
    else ({ rows: this.rows, next: this.next } = await this.#api.audit(this.filter, null));
  }

  #change(act: () => Promise<unknown>): Promise<void> {
    return this.#try(async () => {
      await this.confirmation.around(act);
      await this.#load();
    });
  }

  async #try(act: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.error = null;
    try {
      await act();
    } catch (cause) {
      const error = asHanabiError(cause);
      // Who did not want to prove it knows why nothing happened.
      if (error.code !== 'HANABI-A010') this.error = error;
    } finally {
      this.busy = false;
    }
  }
}
