/**
 * What goes between the cluster and the sealed process of a module. The process may say whatever it likes: of what it says
 * only what is known goes on, and wherever it names a workflow or a task queue, that is one of its owner’s.
 */
import {
  type Activation,
  type Completion,
  EngineError,
  type Fields,
  type Job,
  kindOf,
  requireCalm,
  type WorkflowCommand,
} from '@hanabi/sandbox';
import type { WorkflowOwner } from '../begin-run.ts';
import { clusterId, ownedIn, queueOf } from './names.ts';

/** As the module knows its workflows. */
export function activationFor(owner: WorkflowOwner, activation: Activation): Activation {
  return { ...activation, jobs: activation.jobs.map((job) => shortened(owner, job) as Job) };
}

/** As the cluster knows them. Throws INVALID_ARGUMENT for what a module may not ask for. */
export function completionOf(owner: WorkflowOwner, { runId, successful, failed }: Completion): Completion {
  if (!successful) return { runId, failed: { failure: failed?.failure ?? {} } };
  return { runId, successful: { commands: successful.commands.map((command) => owned(owner, command)) } };
}

/** Names stand in many places, also in failures; payloads are bytes, and stay as they are. */
function shortened(owner: WorkflowOwner, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => shortened(owner, each));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'workflowId' && typeof each === 'string' ? ownId(owner, each) : shortened(owner, each),
    ]),
  );
}

function ownId(owner: WorkflowOwner, name: string): string {
  const named = ownedIn(name);
  const isOwn = named?.owner.user_id === owner.user_id && named.owner.module_id === owner.module_id;
  return isOwn ? named.id : name;
}

type Rename = (owner: WorkflowOwner, fields: Fields) => Fields;

const asItIs: Rename = (_, fields) => fields;

const onOwnQueue: Rename = ({ module_id }, fields) => ({ ...fields, taskQueue: queueOf(module_id) });

/** What a module may ask for. What belongs to others of the cluster, such as Nexus, is not among it. */
const COMMANDS: Readonly<Record<string, Rename>> = {
  startTimer: asItIs,
  cancelTimer: asItIs,
  scheduleActivity: onOwnQueue,
  requestCancelActivity: asItIs,
  scheduleLocalActivity: asItIs,
  requestCancelLocalActivity: asItIs,
  respondToQuery: asItIs,
  updateResponse: asItIs,
  completeWorkflowExecution: asItIs,
  failWorkflowExecution: asItIs,
  cancelWorkflowExecution: asItIs,
  continueAsNewWorkflowExecution: onOwnQueue,
  setPatchMarker: asItIs,
  upsertWorkflowSearchAttributes: asItIs,
  modifyWorkflowProperties: asItIs,
  startChildWorkflowExecution(owner, fields) {
    requireCalm(fields['cronSchedule']);
    return {
      ...onOwnQueue(owner, fields),
      namespace: '',
      workflowId: clusterId(owner, String(fields['workflowId'])),
    };
  },
  cancelChildWorkflowExecution: asItIs,
  signalExternalWorkflowExecution: (owner, { childWorkflowId, workflowExecution, ...fields }) => ({
    ...fields,
    ...(childWorkflowId === undefined
      ? { workflowExecution: execution(owner, workflowExecution) }
      : { childWorkflowId: clusterId(owner, String(childWorkflowId)) }),
  }),
  cancelSignalWorkflow: asItIs,
  requestCancelExternalWorkflowExecution: (owner, { workflowExecution, ...fields }) => ({
    ...fields,
    workflowExecution: execution(owner, workflowExecution),
  }),
};

/** One kind, and its fields, so that nothing else is smuggled along. */
function owned(owner: WorkflowOwner, command: WorkflowCommand): WorkflowCommand {
  const [kind, fields] = kindOf(command);
  const rename = Object.hasOwn(COMMANDS, kind) ? COMMANDS[kind] : undefined;
  if (!rename) throw new EngineError('INVALID_ARGUMENT', `a module’s workflow cannot ask for ${kind}`);
  const { userMetadata } = command;
  return { [kind]: rename(owner, fields), ...(userMetadata ? { userMetadata } : {}) };
}

function execution(owner: WorkflowOwner, named: unknown): Fields {
  const { workflowId, runId } = (named ?? {}) as Fields;
  return { workflowId: clusterId(owner, String(workflowId)), runId: String(runId ?? '') };
}
