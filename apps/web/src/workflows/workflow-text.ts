/** What is said of a workflow. */
import type { UserWorkflow, WorkflowEvent } from '@hanabi/protocol';
import { type MessageKey, t } from '../i18n/i18n.ts';
import { en } from '../i18n/messages.en.ts';
import { timeOf } from '../i18n/time-of.ts';

/** One line: how it is, and since when. */
export function stateLine({ state, started_at, closed_at, task_failures, paused }: UserWorkflow): string {
  if (state === 'running' && paused) return t('workflows.line.paused');
  if (state === 'running' && task_failures > 0) return t('workflows.line.stuck', { count: task_failures });
  if (closed_at === null) return t('workflows.line.running', { at: timeOf(started_at) });
  return t('workflows.line.ended', { state: t(`workflows.state.${state}`), at: timeOf(closed_at) });
}

type EventKey = Extract<MessageKey, `workflows.event.${string}`>;

const isEventKey = (key: string): key is EventKey => Object.hasOwn(en, key);

/** In words: "Timer started". A type that only a newer server knows stays as Temporal calls it. */
export function eventTitle({ type }: WorkflowEvent): string {
  const key = `workflows.event.${type}`;
  return isEventKey(key) ? t(key) : type;
}

/** Whether it is bad news. */
export function isFailure({ type }: WorkflowEvent): boolean {
  return /(?:FAILED|TIMED_OUT|TERMINATED)$/.test(type);
}
