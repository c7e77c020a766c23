/** The schedules of the person, and what can be done with them. */
import type { UserJobDetails, UserSchedule } from '@hanabi/protocol';
import type { DesktopApi } from '../desktop/shell.svelte.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

export class SchedulesModel extends Attempts {
  readonly #api: DesktopApi;
  schedules = $state.raw<readonly UserSchedule[] | null>(null);

  constructor(api: DesktopApi) {
    super();
    this.#api = api;
  }

  async load(): Promise<void> {
    await this.attempt(async () => {
      this.schedules = (await this.#api.schedules()).schedules;
    });
  }

  async toggle(id: string, enabled: boolean): Promise<void> {
    await this.attempt(async () => {
      this.schedules = (await this.#api.toggleSchedule(id, enabled)).schedules;
    });
  }

  async remove(id: string): Promise<void> {
    await this.attempt(async () => {
      await this.#api.deleteSchedule(id);
      this.schedules = this.schedules?.filter((schedule) => schedule.id !== id) ?? null;
    });
  }

  /** The job that was started; null when it was refused. */
  async run(id: string): Promise<UserJobDetails | null> {
    let job: UserJobDetails | null = null;
    await this.attempt(async () => {
      job = await this.#api.runSchedule(id);
    });
    return job;
  }
}
