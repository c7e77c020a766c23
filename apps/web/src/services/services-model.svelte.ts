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

type Api = typeof servicesApi;

export class ServicesModel extends Attempts {
  readonly #api: Api;
  services = $state.raw<readonly UserService[] | null>(null);
  chosenId = $state<string | null>(null);
  tab = $state<ServiceTab>('log');
  log = $state.raw<ServiceLog['entries']>([]);
  widgets = $state.raw<ServiceMonitor['widgets']>([]);
  kept = $state.raw<Readonly<Record<string, string>>>({});

  /** The name of the one that was looked at when its module was removed. */
  gone = $state<string | null>(null);

  readonly chosen = $derived(this.services?.find(({ module_id }) => module_id === this.chosenId) ?? null);

  constructor(api: Api = servicesApi) {
    super();
    this.#api = api;
  }

  load(): Promise<void> {
    return this.attempt(() => this.#read());
  }

  /** The same, while the person goes on. */
  lookAgain(): Promise<void> {
    return this.quietly(() => this.#read());
  }

  async choose(moduleId: string): Promise<void> {
    if (moduleId !== this.chosenId) {
      this.gone = null;
      this.chosenId = moduleId;
      this.log = [];
      this.widgets = [];
      this.kept = {};
    }
    await this.attempt(() => this.#known(() => this.#loadPart()));
  }

  show(tab: ServiceTab): Promise<void> {
    this.tab = tab;
    return this.attempt(() => this.#known(() => this.#loadPart()));
  }

  async act(action: ServiceAction): Promise<void> {
    const id = this.chosenId;
    if (id === null) return;
    await this.attempt(() => this.#known(async () => this.#setStatus(id, await this.#api.act(id, action))));
  }

  /** False where the server refused it. */
  async setState(key: string, value: unknown): Promise<boolean> {
    const id = this.chosenId;
    if (id === null) return false;
    let done = false;
    await this.attempt(() =>
      this.#known(async () => {
        await this.#api.setState(id, { key, value: value as never });
        await this.#loadPart();
        done = true;
      }),
    );
    return done;
  }

  /** What the server tells by itself. */
  async take(event: LiveEvent): Promise<void> {
    if (event.topic === 'missed' || event.topic === 'rights') await this.lookAgain();
    if (event.topic !== 'service') return;
    const { module_id, what } = event;
    await this.quietly(() =>
      this.#known(async () => {
        if (what === 'status' || what === 'failed') this.#setStatus(module_id, await this.#api.status(module_id));
        if (module_id === this.chosenId && (what === this.tab || what === 'failed')) await this.#loadPart();
      }, module_id),
    );
  }

  #setStatus(moduleId: string, status: UserService['status']): void {
    this.services = this.services?.map((one) => (one.module_id === moduleId ? { ...one, status } : one)) ?? null;
  }

  async #read(): Promise<void> {
    const first = this.services === null;
    await this.#list();
    if (first) this.chosenId = this.services?.[0]?.module_id ?? null;
    await this.#known(() => this.#loadPart());
  }

  /** Where the chosen one is gone none is chosen in its place: what the person is about to press was meant for that one. */
  async #list(): Promise<void> {
    const before = this.chosen;
    this.services = (await this.#api.all()).services;
    if (!before || this.chosen) return;
    this.gone = before.module_name;
    this.chosenId = null;
  }

  /** What is asked of a service whose module was removed meanwhile fails; then the list says so, and not an error. */
  async #known(act: () => Promise<void>, moduleId = this.chosenId): Promise<void> {
    try {
      await act();
    } catch (cause) {
      await this.#list();
      if (this.services?.some(({ module_id }) => module_id === moduleId)) throw cause;
    }
  }

  async #loadPart(): Promise<void> {
    const id = this.chosenId;
    if (id === null) return;
    if (this.tab === 'log') {
      const { entries } = await this.#api.log(id, this.log.at(-1)?.seq ?? 0);
      const last = this.log.at(-1)?.seq ?? 0;
      if (id === this.chosenId)
        this.log = [...this.log, ...entries.filter(({ seq }) => seq > last)].slice(-LIMITS.service_log_kept_max);
    } else if (this.tab === 'monitor') {
      const { widgets } = await this.#api.monitor(id);
      if (id === this.chosenId) this.widgets = widgets;
    } else {
      const { state } = await this.#api.state(id);
      if (id === this.chosenId) this.kept = state;
    }
  }
}
