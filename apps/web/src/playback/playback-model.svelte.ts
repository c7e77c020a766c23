/** A past run, event by event: where its code stood, and what it asked for. */
import type { CodeFrame, PlayedEvent, UserWorkflow, WorkflowPlayback } from '@hanabi/protocol';
import { workflowsApi } from '../api/workflows.ts';
import { Attempts } from '../ui/attempts.svelte.ts';

type Api = Pick<typeof workflowsApi, 'all' | 'playback'>;

/** `left`: the code parts from its history here. `made`: it asked for this. `waits`: it stands, and this comes to it. */
export type Standing = 'left' | 'made' | 'waits' | 'unbegun';

interface Stack {
  /** Of the code, where there may be several. */
  readonly task: string;
  readonly frames: readonly CodeFrame[];
}

export class PlaybackModel extends Attempts {
  readonly #api: Api;
  #asked = 0;
  /** Those of which one can be chosen. */
  runs = $state.raw<readonly UserWorkflow[] | null>(null);
  search = $state('');
  playback = $state.raw<WorkflowPlayback | null>(null);
  #index = $state(0);
  #chosen = $state.raw<CodeFrame | null>(null);

  readonly events = $derived<readonly PlayedEvent[]>(this.playback?.events ?? []);
  readonly event = $derived(this.events[this.#index]);
  /** Where the problem shows, among the events; -1: there is none. */
  readonly problemIndex = $derived.by(() => {
    const problem = this.playback?.problem;
    if (!problem) return -1;
    return Math.max(
      0,
      this.events.findLastIndex(({ event_id }) => event_id <= problem.event_id),
    );
  });
  readonly standing = $derived.by((): Standing => {
    if (this.#index === this.problemIndex) return 'left';
    if (this.event && this.event.made_by.length > 0) return 'made';
    return this.event && this.event.task >= 0 ? 'waits' : 'unbegun';
  });
  readonly stacks = $derived.by((): readonly Stack[] => {
    const { event, playback } = this;
    if (!event || !playback) return [];
    if (this.standing === 'left') return [{ task: '', frames: playback.problem?.stack ?? [] }];
    if (this.standing === 'made') return [{ task: '', frames: event.made_by }];
    return (playback.tasks[event.task]?.waits ?? []).map(({ task, stack }) => ({ task, frames: stack }));
  });
  /** The line that is shown: the chosen one of the stacks, or the innermost of the first. */
  readonly place = $derived(this.#chosen ?? this.stacks.find(({ frames }) => frames.length > 0)?.frames[0]);
  readonly source = $derived(this.playback?.sources.find(({ path }) => path === this.place?.path));
  /** What the code asked for in the task that this event belongs to. */
  readonly asked = $derived(this.events.filter(({ task, made_by }) => made_by.length > 0 && task === this.event?.task));

  constructor(api: Api = workflowsApi) {
    super();
    this.#api = api;
  }

  get index(): number {
    return this.#index;
  }

  load(): Promise<void> {
    const search = this.search.trim();
    const turn = (this.#asked += 1);
    return this.attempt(async () => {
      const { workflows } = await this.#api.all(search ? { search } : {});
      // An older answer must not undo a newer one.
      if (turn === this.#asked) this.runs = workflows;
    });
  }

  /** At its end; or where code and history part. */
  open(runId: string): Promise<void> {
    return this.attempt(async () => {
      this.playback = await this.#api.playback(runId);
      this.go(this.problemIndex < 0 ? this.events.length - 1 : this.problemIndex);
    });
  }

  leave(): Promise<void> {
    this.playback = null;
    return this.load();
  }

  go(index: number): void {
    this.#index = Math.min(Math.max(0, index), this.events.length - 1);
    this.#chosen = null;
  }

  goTo({ event_id }: PlayedEvent): void {
    this.go(this.events.findIndex((event) => event.event_id === event_id));
  }

  show(frame: CodeFrame): void {
    this.#chosen = frame;
  }
}
