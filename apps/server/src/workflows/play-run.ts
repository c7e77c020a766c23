/** A past run line by line: its history is played again with the code that its user has now, in a process of its own. */
import { HanabiError, LIMITS, type PlayedEvent, type UserWorkflow, type WorkflowPlayback } from '@hanabi/protocol';
import { playBack, type Playback } from '@hanabi/sandbox';
import type { InstalledModule } from '../modules/registry.ts';
import type { CheckParts } from './check-histories.ts';
import { readEvents } from './history.ts';
import { openProcess } from './open-process.ts';
import { eventView, isShown } from './run-details.ts';
import { readSources, type SourceFiles } from './source-files.ts';
import { timeForCheck } from './time-for-check.ts';
import { activateTraced, framesIn } from './traced.ts';

/** HANABI-W028, W029 where a cluster has its history, W013 and what else keeps its code from being loaded; W004 where it takes too long. */
export async function playRun(
  parts: CheckParts,
  { manifest, package_dir, version }: Pick<InstalledModule, 'manifest' | 'package_dir' | 'version'>,
  summary: UserWorkflow,
  signal: AbortSignal,
): Promise<WorkflowPlayback> {
  const entry = manifest.entrypoints.workflow;
  if (!entry) throw new HanabiError('HANABI-W028', manifest.name);
  const requireTime = timeForCheck(signal);
  requireTime();
  const events = await readEvents(parts.db, summary.run_id);
  if (events.length === 0) throw new HanabiError('HANABI-W029', 'its history is not in the database');
  const all = events.filter(isShown);
  const shown = all.slice(-LIMITS.workflow_playback_events_max);
  const sources = await readSources(package_dir);
  const process = await openProcess(parts, { manifest, package_dir }, entry, signal);
  try {
    const playback = await playBack(events, {
      tracedFrom: all.length === shown.length ? 1 : shown[0]!.eventId,
      activate: (activation) => {
        requireTime();
        return activateTraced(process, activation);
      },
    });
    const told = viewOf(playback, sources);
    return {
      summary,
      version,
      events: shown.map((event) => ({ ...eventView(event), ...told.placeOf(event.eventId) })),
      left_out: all.length - shown.length,
      tasks: told.tasks,
      problem: told.problem,
      sources: [...sources].filter(([path]) => told.paths.has(path)).map(([path, text]) => ({ path, text })),
    };
  } finally {
    await process.close();
  }
}

function viewOf({ tasks, problem }: Playback, sources: SourceFiles) {
  const paths = new Set<string>();
  const framesOf = (stack: Parameters<typeof framesIn>[1]) => {
    const frames = framesIn(sources, stack);
    for (const { path } of frames) paths.add(path);
    return frames;
  };
  const made = new Map(tasks.flatMap((task) => [...task.made].map(([id, stack]) => [id, framesOf(stack)] as const)));
  return {
    paths,
    tasks: tasks.map(({ startedEventId, waits }) => ({
      event_id: startedEventId,
      waits: waits.map(({ task, stack }) => ({ task, stack: framesOf(stack) })).filter(({ stack }) => stack.length > 0),
    })),
    problem: problem
      ? {
          event_id: problem.apart?.eventId ?? problem.startedEventId,
          message: problem.message,
          apart: problem.apart
            ? { event_id: problem.apart.eventId ?? null, history: problem.apart.expected, code: problem.apart.got }
            : null,
          stack: framesOf(problem.stack),
        }
      : null,
    placeOf: (eventId: number): Pick<PlayedEvent, 'made_by' | 'task'> => ({
      made_by: made.get(eventId) ?? [],
      task: tasks.findLastIndex(({ startedEventId }) => startedEventId < eventId),
    }),
  };
}
