/** What the console of administrators shows, one part at a time, and what it is asked to do. */
import type {
  AdminJob,
  AdminModule,
  AdminUser,
  AuditFilter,
  AuditRow,
  ChangeUser,
  Health,
  Invitation,
  Invite,
  NewInvitation,
  Quota,
  SetGrant,
} from '@hanabi/protocol';
import { ConfirmedAttempts } from '../account/confirmed-attempts.svelte.ts';
import { type AdminApi, adminApi } from '../api/admin.ts';

export const PARTS = ['users', 'modules', 'audit', 'jobs', 'health'] as const;
export type Part = (typeof PARTS)[number];

export class AdminModel extends ConfirmedAttempts {
  readonly #api: AdminApi;
  part = $state<Part>('users');
  users = $state.raw<readonly AdminUser[]>([]);
  invitations = $state.raw<readonly Invitation[]>([]);
  modules = $state.raw<readonly AdminModule[]>([]);
  tiers = $state.raw<readonly string[]>([]);
  jobs = $state.raw<readonly AdminJob[]>([]);
  health = $state.raw<Health | null>(null);
  filter = $state.raw<AuditFilter>({ source: 'decisions' });
  rows = $state.raw<readonly AuditRow[]>([]);
  next = $state<number | null>(null);
  /** A link that has just been made; its secret is shown only now. */
  made = $state.raw<NewInvitation | null>(null);

  constructor(api: AdminApi = adminApi) {
    super();
    this.#api = api;
  }

  open(part: Part): Promise<void> {
    this.part = part;
    return this.load();
  }

  load(): Promise<void> {
    return this.attempt(() => this.#load());
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

  setQuota({ id }: AdminModule, quota: Quota): Promise<void> {
    return this.#change(() => this.#api.setQuota(id, quota));
  }

  /** Makes an earlier version the one that everybody has. */
  rollBack({ id }: AdminModule, version: string, note: string): Promise<void> {
    return this.#change(() => this.#api.rollBack(id, version, note));
  }

  /** Stops a module for everybody, or lets it go on. */
  suspend({ id }: AdminModule, suspended: boolean, note: string): Promise<void> {
    return this.#change(() => this.#api.suspend(id, suspended, note));
  }

  cancelJob({ id }: AdminJob): Promise<void> {
    return this.#change(() => this.#api.cancelJob(id));
  }

  search(filter: AuditFilter): Promise<void> {
    this.filter = filter;
    return this.load();
  }

  more(): Promise<void> {
    return this.attempt(async () => {
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
    } else if (this.part === 'modules') ({ modules: this.modules, tiers: this.tiers } = await this.#api.modules());
    else if (this.part === 'jobs') this.jobs = await this.#api.jobs();
    else if (this.part === 'health') this.health = await this.#api.health();
    else ({ rows: this.rows, next: this.next } = await this.#api.audit(this.filter, null));
  }

  #change(act: () => Promise<unknown>): Promise<void> {
    return this.confirmed(async () => {
      await act();
      await this.#load();
    });
  }
}
