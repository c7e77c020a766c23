/** What the debugger does for a developer: opens a module, records what passes, and replays recordings. */
import { HanabiError, LIMITS, type ModuleSummary, Recording, RECORDING_FORMAT } from '@hanabi/protocol';
import * as z from 'zod';
import type { BridgeTap } from '../bridge/bridge-tap.ts';
import type { Shell } from '../desktop/shell.svelte.ts';
import type { DesktopWindow } from '../desktop/windows.svelte.ts';
import { Attempts } from '../ui/attempts.svelte.ts';
import { Recorder } from './recorder.svelte.ts';
import { Replay } from './replay.svelte.ts';
import { type DebuggerRow, matches, type RowFilter, typeOf } from './rows.ts';

// The policy of the desktop forbids eval; without this zod would probe for it and raise a violation.
z.config({ jitless: true });

export class DebuggerModel extends Attempts {
  readonly #shell: Shell;
  /** What the choice of modules shows; the debugged one once there is one. */
  moduleId = $state<string | null>(null);
  recorder = $state.raw<Recorder | null>(null);
  replay = $state.raw<Replay | null>(null);
  filter = $state.raw<RowFilter>({ type: '', outcome: 'all', text: '' });
  chosenSeq = $state<number | null>(null);
  /** The last row that is shown while the list stands still. */
  pausedAt = $state<number | null>(null);
  #window: DesktopWindow | null = null;

  /** Drafts of the person; administrators look at everything. */
  readonly modules: readonly ModuleSummary[] = $derived.by(() =>
    this.#shell.modules.filter(({ origin }) => origin === 'draft' || this.#shell.mayDecide),
  );
  readonly module = $derived(this.modules.find(({ id }) => id === this.moduleId) ?? this.modules[0] ?? null);
  readonly #rows: readonly DebuggerRow[] = $derived(this.recorder?.rows ?? []);
  readonly #still = $derived(this.#rows.filter(({ seq }) => this.pausedAt === null || seq <= this.pausedAt));
  readonly shown: readonly DebuggerRow[] = $derived(this.#still.filter((row) => matches(row, this.filter)));
  readonly newer = $derived(this.#rows.length - this.#still.length);
  readonly types: readonly string[] = $derived([...new Set(this.#rows.map(typeOf))].toSorted());
  /** A fresh object whenever something about it may have changed. */
  readonly chosen = $derived.by(() => {
    const row = this.#rows.find(({ seq }) => seq === this.chosenSeq);
    return row ? { ...row } : null;
  });

  constructor(shell: Shell) {
    super();
    this.#shell = shell;
  }

  /** Opens a module in a window of its own, in place of the one that is being debugged. */
  open(module: ModuleSummary): void {
    const recorder = new Recorder();
    this.#begin(module, recorder, null, recorder);
  }

  /** Has the chosen module answered by a recording; where none was chosen, the one that it is of. */
  startReplay(file: Blob): Promise<void> {
    return this.attempt(async () => {
      const replay = new Replay(await readRecording(file));
      this.moduleId ??= replay.recording.module.id;
      const { module } = this;
      const recorder = new Recorder();
      if (module) this.#begin(module, recorder, replay, replayedWith(recorder, replay));
    });
  }

  end(): void {
    if (this.#window) this.#shell.windows.close(this.#window.id);
    this.#window = null;
  }

  clear(): void {
    this.recorder?.clear();
    this.chosenSeq = null;
    this.pausedAt = null;
  }

  pause(): void {
    this.pausedAt = this.pausedAt === null ? (this.#rows.at(-1)?.seq ?? 0) : null;
  }

  /** The recording as a file, with a name for it. */
  async exported(): Promise<{ name: string; file: Blob } | null> {
    const recording = await this.recorder?.recording();
    if (!recording) return null;
    const name = `${recording.module.id}-${recording.recorded_at.slice(0, 19).replaceAll(':', '-')}.recording.json`;
    return { name, file: new Blob([JSON.stringify(recording, null, 2)], { type: 'application/json' }) };
  }

  #begin(module: ModuleSummary, recorder: Recorder, replay: Replay | null, tap: BridgeTap): void {
    this.end();
    this.error = null;
    this.moduleId = module.id;
    this.recorder = recorder;
    this.replay = replay;
    this.chosenSeq = null;
    this.pausedAt = null;
    this.filter = { type: '', outcome: 'all', text: '' };
    this.#window = this.#shell.openTapped(module, tap);
  }
}

/** The replay answers, and what it answers is seen as always. */
function replayedWith(recorder: Recorder, replay: Replay): BridgeTap {
  return {
    begins: (launch, sendEvent) => {
      recorder.begins(launch);
      replay.begins(launch, sendEvent);
    },
    received: (envelope) => recorder.received(envelope),
    unreadable: (error) => recorder.unreadable(error),
    sent: (message) => recorder.sent(message),
    answer: (envelope, ways) => replay.answer(envelope, ways),
    ended: (error) => {
      replay.ended();
      recorder.ended(error);
    },
  };
}

async function readRecording(file: Blob): Promise<Recording> {
  if (file.size > LIMITS.debugger_file_bytes_max) throw new HanabiError('HANABI-M016', 'it is too large');
  let content: unknown;
  try {
    content = JSON.parse(await file.text());
  } catch (cause) {
    throw new HanabiError('HANABI-M016', 'it is not JSON', { cause });
  }
  const { format } = (content ?? {}) as { format?: unknown };
  if (format !== undefined && format !== RECORDING_FORMAT) {
    throw new HanabiError('HANABI-M016', `format ${JSON.stringify(format)}; this desktop reads ${RECORDING_FORMAT}`);
  }
  const recording = Recording.safeParse(content);
  if (recording.success) return recording.data;
  const [issue] = recording.error.issues;
  throw new HanabiError('HANABI-M016', `${issue!.path.join('.')}: ${issue!.message}`);
}
