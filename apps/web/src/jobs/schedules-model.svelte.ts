/** The schedules of the person, and what can be done with them. */
import type { HanabiError, UserJobDetails, UserSchedule } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

export class SchedulesModel {
  readonly #api: DesktopApi;
  schedules = $state.raw<readonly UserSchedule[] | null>(null);
  error = $state.raw<HanabiError | null>(null);
  busy = $state(false);

  constructor(api: DesktopApi) {
    this.#api = api;
  }

  async load(): Promise<void> {
    await this.#try(async () => {
      this.schedules = (await this.#api.schedules()).schedules;
    });
  }

  async toggle(id: string, enabled: boolean): Promise<void> {
    await this.#try(async () => {
      this.schedules = (await this.#api.toggleSchedule(id, enabled)).schedules;
    });
  }

  async remove(id: string): Promise<void> {
    await this.#try(async () => {
      await this.#api.deleteSchedule(id);
      this.schedules = this.schedules?.filter((schedule) => schedule.id !== id) ?? null;
    });
  }

  /** The job that was started; null when it was refused. */
  async run(id: string): Promise<UserJobDetails | null> {
    let job: UserJobDetails | null = null;
    await this.#try(async () => {
      job = await this.#api.runSchedule(id);
    });
    return job;
  }

  async #try(act: () => Promise<void>): Promise<void> {
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
