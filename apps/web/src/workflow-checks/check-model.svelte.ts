/** Whether a version fits the workflows that are there, as far as the server has told. */
import { HanabiError, type WorkflowCheck, type WorkflowCheckLine, type WorkflowVerdict } from '@hanabi/protocol';
import { asHanabiError } from '../ui/as-hanabi-error.ts';

type Ask = (signal: AbortSignal) => AsyncGenerator<WorkflowCheckLine, void, void>;

export class CheckModel {
  readonly #ask: Ask;
  #stop = new AbortController();
  /** Null while nothing was asked. */
  total = $state<number | null>(null);
  leftOut = $state(0);
  verdicts = $state.raw<readonly WorkflowVerdict[]>([]);
  summary = $state.raw<WorkflowCheck | null>(null);
  running = $state(false);
  error = $state.raw<HanabiError | null>(null);

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  async run(): Promise<void> {
    this.stop();
    const stop = new AbortController();
    this.#stop = stop;
    this.total = null;
    this.verdicts = [];
    this.summary = null;
    this.error = null;
    this.running = true;
    try {
      for await (const line of this.#ask(stop.signal)) if (this.#stop === stop) this.#take(line);
      if (this.#stop === stop && !this.summary) throw new HanabiError('HANABI-V011');
    } catch (cause) {
      if (!stop.signal.aborted) this.error = asHanabiError(cause);
    } finally {
      if (this.#stop === stop) this.running = false;
    }
  }

  /** The server stops, too. */
  stop(): void {
    this.#stop.abort();
    this.running = false;
  }

  #take(line: WorkflowCheckLine): void {
    if (line.kind === 'begun') {
      this.total = line.total;
      this.leftOut = line.left_out;
    } else if (line.kind === 'verdict') this.verdicts = [...this.verdicts, line.verdict];
    else if (line.kind === 'done') this.summary = line.summary;
    else throw HanabiError.fromBody(line.error);
  }
}
