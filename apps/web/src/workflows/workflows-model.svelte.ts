/** The workflows of the person: those that were searched for, and all about the chosen one. */
import type { LiveEvent, UserWorkflow, WorkflowDetails, WorkflowMessage, WorkflowState } from '@hanabi/protocol';
import { workflowsApi } from '../api/workflows.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

export class WorkflowsModel extends Attempts {
  #asked = 0;
  workflows = $state.raw<readonly UserWorkflow[] | null>(null);
  search = $state('');
  /** A list filter: fields and search attributes, compared. */
  filter = $state('');
  state = $state<WorkflowState | ''>('');
  chosenId = $state<string | null>(null);
  details = $state.raw<WorkflowDetails | null>(null);
  /** Where its code waits; null while nobody has asked. */
  stack = $state<string | null>(null);
  /** JSON of what the last query answered. */
  answer = $state<string | null>(null);

  load(): Promise<void> {
    return this.attempt(() => this.#list());
  }

  choose(runId: string): Promise<void> {
    this.chosenId = runId;
    this.details = null;
    this.stack = null;
    this.answer = null;
    return this.attempt(() => this.#read());
  }

  /** What the server tells by itself, while the person goes on. */
  async take(event: LiveEvent): Promise<void> {
    if (event.topic !== 'workflow' && event.topic !== 'missed') return;
    await this.quietly(async () => {
      await this.#list();
      if (event.topic === 'missed' || event.run_id === this.chosenId) await this.#read();
    });
  }

  showStack(): Promise<void> {
    return this.#withChosen(async (id) => {
      this.stack = (await workflowsApi.stack(id)).stack;
    });
  }

  query(message: WorkflowMessage): Promise<void> {
    return this.#withChosen(async (id) => {
      this.answer = JSON.stringify((await workflowsApi.query(id, message)).value, null, 2);
    });
  }

  signal(message: WorkflowMessage): Promise<void> {
    return this.#withChosen((id) => workflowsApi.signal(id, message));
  }

  cancel(): Promise<void> {
    return this.#withChosen((id) => workflowsApi.cancel(id));
  }

  /** It waited since the server was restored. */
  resume(): Promise<void> {
    return this.#withChosen((id) => workflowsApi.resume(id));
  }

  terminate(): Promise<void> {
    return this.#withChosen((id) => workflowsApi.terminate(id));
  }

  /** Goes on from before an event, in another run. */
  reset(eventId: number): Promise<void> {
    return this.#withChosen(async (id) => {
      const { run_id } = await workflowsApi.reset(id, eventId);
      await this.#list();
      await this.choose(run_id);
    });
  }

  #withChosen(act: (runId: string) => Promise<unknown>): Promise<void> {
    const id = this.chosenId;
    return id === null ? Promise.resolve() : this.attempt(() => act(id));
  }

  async #list(): Promise<void> {
    const search = this.search.trim();
    const query = this.filter.trim();
    const wish = {
      ...(search ? { search } : {}),
      ...(query ? { query } : {}),
      ...(this.state ? { state: this.state } : {}),
    };
    const turn = (this.#asked += 1);
    const { workflows } = await workflowsApi.all(wish);
    // An older answer must not undo a newer one.
    if (turn === this.#asked) this.workflows = workflows;
  }

  async #read(): Promise<void> {
    const id = this.chosenId;
    if (id === null) return;
    const details = await workflowsApi.details(id);
    if (id === this.chosenId) this.details = details;
  }
}
