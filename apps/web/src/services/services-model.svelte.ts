/** The services of the person: all of them, and what the chosen one says, keeps and shows. */
import {
  type HanabiError,
  LIMITS,
  type LiveEvent,
  type ServiceAction,
  type ServiceLog,
  type ServiceMonitor,
  type UserService,
} from '@hanabi/protocol';
import { servicesApi } from '../api/services.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export const SERVICE_TABS = ['log', 'monitor', 'state'] as const;
export type ServiceTab = (typeof SERVICE_TABS)[number];

export class ServicesModel {
  services = $state.raw<readonly UserService[] | null>(null);
  chosenId = $state<string | null>(null);
  tab = $state<ServiceTab>('log');
  log = $state.raw<ServiceLog['entries']>([]);
  widgets = $state.raw<ServiceMonitor['widgets']>([]);
  kept = $state.raw<Readonly<Record<string, string>>>({});
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);

  readonly chosen = $derived(this.services?.find(({ module_id }) => module_id === this.chosenId) ?? null);

  async load(): Promise<void> {
    await this.#try(async () => {
      this.services = (await servicesApi.all()).services;
      this.chosenId ??= this.services[0]?.module_id ?? null;
      await this.#loadPart();
    });
  }

  async choose(moduleId: string): Promise<void> {
    if (moduleId !== this.chosenId) {
      this.chosenId = moduleId;
      this.log = [];
      this.widgets = [];
      this.kept = {};
    }
    await this.#try(() => this.#loadPart());
  }

  async show(tab: ServiceTab): Promise<void> {
    this.tab = tab;
    await this.#try(() => this.#loadPart());
  }

  async act(action: ServiceAction): Promise<void> {
    const id = this.chosenId;
    if (id === null) return;
    this.busy = true;
    await this.#try(async () => {
      const status = await servicesApi.act(id, action);
      this.#setStatus(id, status);
    });
    this.busy = false;
  }

  /** False where the server refused it. */
  async setState(key: string, value: unknown): Promise<boolean> {
    const id = this.chosenId;
    if (id === null) return false;
    return this.#try(async () => {
      await servicesApi.setState(id, { key, value: value as never });
      await this.#loadPart();
    });
  }

  /** What the server tells by itself. */
  async take(event: LiveEvent): Promise<void> {
    if (event.topic === 'missed' || event.topic === 'rights') await this.load();
    if (event.topic !== 'service') return;
    const { module_id, what } = event;
    await this.#try(async () => {
      if (what === 'status' || what === 'failed') this.#setStatus(module_id, await servicesApi.status(module_id));
      if (module_id === this.chosenId && (what === this.tab || what === 'failed')) await this.#loadPart();
    });
  }

  #setStatus(moduleId: string, status: UserService['status']): void {
    this.services = this.services?.map((one) => (one.module_id === moduleId ? { ...one, status } : one)) ?? null;
  }

  async #loadPart(): Promise<void> {
    const id = this.chosenId;
    if (id === null) return;
    if (this.tab === 'log') {
      const { entries } = await servicesApi.log(id, this.log.at(-1)?.seq ?? 0);
      const last = this.log.at(-1)?.seq ?? 0;
      if (id === this.chosenId)
        this.log = [...this.log, ...entries.filter(({ seq }) => seq > last)].slice(-LIMITS.service_log_kept_max);
    } else if (this.tab === 'monitor') {
      const { widgets } = await servicesApi.monitor(id);
      if (id === this.chosenId) this.widgets = widgets;
    } else {
      const { state } = await servicesApi.state(id);
      if (id === this.chosenId) this.kept = state;
    }
  }

  async #try(act: () => Promise<void>): Promise<boolean> {
    this.error = null;
    try {
      await act();
      return true;
    } catch (cause) {
      this.error = asHanabiError(cause);
      return false;
    }
  }
}
