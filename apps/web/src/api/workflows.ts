/** What the Workflows window asks of the server. */
import {
  DESKTOP_PATHS,
  type UserWorkflows,
  type WorkflowAnswer,
  type WorkflowDetails,
  type WorkflowMessage,
  type WorkflowPlayback,
  type WorkflowRun,
  type WorkflowStack,
  type WorkflowsWish,
} from '@hanabi/protocol';
import { request, requestJson } from './request.ts';

const path = (runId: string, part = ''): string => `${DESKTOP_PATHS.workflows}/${encodeURIComponent(runId)}${part}`;

async function post(runId: string, action: string, json: unknown = {}): Promise<void> {
  await request(path(runId, `/${action}`), { method: 'POST', json });
}

export const workflowsApi = {
  all: (wish: WorkflowsWish) =>
    requestJson<UserWorkflows>(`${DESKTOP_PATHS.workflows}?${new URLSearchParams({ ...wish })}`),
  details: (runId: string) => requestJson<WorkflowDetails>(path(runId)),
  /** The person has to be a developer. */
  playback: (runId: string) => requestJson<WorkflowPlayback>(path(runId, '/playback')),
  historyUrl: (runId: string) => path(runId, '/history'),
  stack: (runId: string) => requestJson<WorkflowStack>(path(runId, '/stack')),
  signal: (runId: string, message: WorkflowMessage) => post(runId, 'signal', message),
  query: (runId: string, message: WorkflowMessage) =>
    requestJson<WorkflowAnswer>(path(runId, '/query'), { method: 'POST', json: message }),
  cancel: (runId: string) => post(runId, 'cancel'),
  resume: (runId: string) => post(runId, 'resume'),
  terminate: (runId: string) => post(runId, 'terminate'),
  reset: (runId: string, event_id: number) =>
    requestJson<WorkflowRun>(path(runId, '/reset'), { method: 'POST', json: { event_id } }),
};
