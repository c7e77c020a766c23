/** The services of the person: all of them, and what the chosen one says, keeps and shows. */
import {
  LIMITS,
  type LiveEvent,
  type ServiceAction,
  type ServiceLog,
  type ServiceMonitor,
  type UserService,
} from '@hanabi/protocol';
import { servicesApi } from '../api/services.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

export const SERVICE_TABS = ['log', 'monitor', 'state'] as const;
export type ServiceTab = (typeof SERVICE_TABS)[number];

export class ServicesModel extends Attempts {
  services = $state.raw<readonly UserService[] | null>(null);
  chosenId = $state<string | null>(null);
  tab = $state<ServiceTab>('log');
  log = $state.raw<ServiceLog['entries']>([]);
  widgets = $state.raw<ServiceMonitor['widgets']>([]);
  kept = $state.raw<Readonly<Record<string, string>>>({});

  readonly chosen = $derived(this.services?.find(({ module_id }) => module_id === this.chosenId) ?? null);

  load(): Promise<void> {
    return this.attempt(() => this.#read());
  }

  /** The same, while the person goes on. */
  lookAgain(): Promise<void> {
    return this.quietly(() => this.#read());
  }

  async choose(moduleId: string): Promise<void> {
    if (moduleId !== this.chosenId) {
      this.chosenId = moduleId;
      this.log = [];
      this.widgets = [];
      this.kept = {};
    }
    await this.attempt(() => this.#loadPart());
  }

  show(tab: ServiceTab): Promise<void> {
    this.tab = tab;
    return this.attempt(() => this.#loadPart());
  }

  async act(action: ServiceAction): Promise<void> {
    const id = this.chosenId;
    if (id === null) return;
    await this.attempt(async () => this.#setStatus(id, await servicesApi.act(id, action)));
  }

  /** False where the server refused it. */
  async setState(key: string, value: unknown): Promise<boolean> {
    const id = this.chosenId;
    if (id === null) return false;
    await this.attempt(async () => {
      await servicesApi.setState(id, { key, value: value as never });
      await this.#loadPart();
    });
    return this.error === null;
  }

  /** What the server tells by itself. */
  async take(event: LiveEvent): Promise<void> {
    if (event.topic === 'missed' || event.topic === 'rights') await this.lookAgain();
    if (event.topic !== 'service') return;
    const { module_id, what } = event;
    await this.quietly(async () => {
      if (what === 'status' || what === 'failed') this.#setStatus(module_id, await servicesApi.status(module_id));
      if (module_id === this.chosenId && (what === this.tab || what === 'failed')) await this.#loadPart();
    });
  }

  #setStatus(moduleId: string, status: UserService['status']): void {
    this.services = this.services?.map((one) => (one.module_id === moduleId ? { ...one, status } : one)) ?? null;
  }

  async #read(): Promise<void> {
    this.services = (await servicesApi.all()).services;
    this.chosenId ??= this.services[0]?.module_id ?? null;
    await this.#loadPart();
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
}
