import type { Results, ServerCapability } from '@hanabi/protocol';
import { payloadOf } from '@hanabi/sandbox';
import type { Call } from './call.ts';

type Answer<T extends ServerCapability> = Promise<Results[T]>;

export function startWorkflow(call: Call<'HANABI_WORKFLOW_START'>): Answer<'HANABI_WORKFLOW_START'> {
  return call.context.workflows.begin(ownerOf(call), call.payload);
}

export async function signalWorkflow(call: Call<'HANABI_WORKFLOW_SIGNAL'>): Answer<'HANABI_WORKFLOW_SIGNAL'> {
  const { signal, args, signalId } = call.payload;
  await call.context.workflows.signal(ownerOf(call), call.payload, signal, args, signalId);
  return { ok: true };
}

export function queryWorkflow(call: Call<'HANABI_WORKFLOW_QUERY'>): Answer<'HANABI_WORKFLOW_QUERY'> {
  return call.context.workflows.query(ownerOf(call), call.payload, call.payload.query, call.payload.args);
}

export function updateWorkflow(call: Call<'HANABI_WORKFLOW_UPDATE'>): Answer<'HANABI_WORKFLOW_UPDATE'> {
  const { update, args, updateId } = call.payload;
  return call.context.workflows.update(ownerOf(call), call.payload, update, args, updateId);
}

export function workflowResult(call: Call<'HANABI_WORKFLOW_RESULT'>): Answer<'HANABI_WORKFLOW_RESULT'> {
  return call.context.workflows.result(ownerOf(call), call.payload);
}

export function listWorkflows(call: Call<'HANABI_WORKFLOW_LIST'>): Answer<'HANABI_WORKFLOW_LIST'> {
  return call.context.workflows.list(ownerOf(call), call.payload);
}

export async function cancelWorkflow(call: Call<'HANABI_WORKFLOW_CANCEL'>): Answer<'HANABI_WORKFLOW_CANCEL'> {
  const { workflows } = call.context;
  const { terminate, reason } = call.payload;
  await (terminate
    ? workflows.terminate(ownerOf(call), call.payload, reason)
    : workflows.cancel(ownerOf(call), call.payload, reason));
  return { ok: true };
}

export async function completeActivity(
  call: Call<'HANABI_WORKFLOW_COMPLETE_ACTIVITY'>,
): Answer<'HANABI_WORKFLOW_COMPLETE_ACTIVITY'> {
  const result = { completed: { result: payloadOf(call.payload.value) } };
  await call.context.workflows.endActivity(ownerOf(call), call.payload, call.payload, result);
  return { ok: true };
}

export async function failActivity(
  call: Call<'HANABI_WORKFLOW_FAIL_ACTIVITY'>,
): Answer<'HANABI_WORKFLOW_FAIL_ACTIVITY'> {
  const { message, errorType: type = '', nonRetryable = false, cancelled } = call.payload;
  const result = cancelled
    ? { cancelled: { failure: { message, canceledFailureInfo: {} } } }
    : { failed: { failure: { message, applicationFailureInfo: { type, nonRetryable } } } };
  await call.context.workflows.endActivity(ownerOf(call), call.payload, call.payload, result);
  return { ok: true };
}

export async function heartbeat(call: Call<'HANABI_WORKFLOW_HEARTBEAT'>): Answer<'HANABI_WORKFLOW_HEARTBEAT'> {
  const { workflows } = call.context;
  return workflows.beatActivity(ownerOf(call), call.payload, call.payload, call.payload.details);
}

function ownerOf({ caller }: Pick<Call<ServerCapability>, 'caller'>) {
  return { user_id: caller.user.id, module_id: caller.module.id };
}
