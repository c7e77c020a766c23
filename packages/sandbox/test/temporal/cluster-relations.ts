/** What one run does to another: children, signals and cancellation. */
import type { Fields } from '../../src/workflows/wire.ts';
import type { Happening, Run } from './cluster-run.ts';

/** What of the cluster that needs. */
export interface Relations {
  append(run: Run, eventType: string, attributes: Fields): number;
  happen(run: Run, ...happenings: Happening[]): unknown;
  find(execution: Fields): Run;
  start(request: Fields): Run;
}

/** Obeys a command that concerns another run; false where it does not. */
export function obeyRelation(cluster: Relations, run: Run, kind: string, attributes: Fields): boolean {
  switch (kind) {
    case 'START_CHILD_WORKFLOW_EXECUTION':
      startChild(cluster, run, attributes);
      return true;
    case 'SIGNAL_EXTERNAL_WORKFLOW_EXECUTION': {
      const { execution, signalName, input } = attributes;
      const said: Happening = ['WORKFLOW_EXECUTION_SIGNALED', { signalName, input }];
      tell(cluster, run, said, { asked: 'SIGNAL', done: 'SIGNALED' }, { ...attributes, workflowExecution: execution });
      return true;
    }
    case 'REQUEST_CANCEL_EXTERNAL_WORKFLOW_EXECUTION': {
      const { workflowId, runId } = attributes;
      const said: Happening = ['WORKFLOW_EXECUTION_CANCEL_REQUESTED', {}];
      const words = { asked: 'REQUEST_CANCEL', done: 'CANCEL_REQUESTED' };
      tell(cluster, run, said, words, { ...attributes, workflowExecution: { workflowId, runId } });
      return true;
    }
    default:
      return false;
  }
}

function startChild(cluster: Relations, run: Run, attributes: Fields): void {
  const { workflowId, workflowType } = attributes;
  const initiatedEventId = cluster.append(run, 'START_CHILD_WORKFLOW_EXECUTION_INITIATED', attributes);
  const child = cluster.start(attributes);
  const about = { initiatedEventId, workflowType, workflowExecution: { workflowId, runId: child.runId } };
  cluster.happen(run, ['CHILD_WORKFLOW_EXECUTION_STARTED', about]);
  void child.closed.promise.then(({ eventType, ...event }) => {
    const ended = String(eventType).replace('EVENT_TYPE_', 'CHILD_');
    const how = Object.entries(event).find(([name]) => name.endsWith('EventAttributes'))?.[1] as Fields;
    cluster.happen(run, [ended, { ...how, ...about }]);
  });
}

function tell(
  cluster: Relations,
  run: Run,
  said: Happening,
  { asked, done }: { asked: string; done: string },
  { workflowExecution, ...attributes }: Fields,
): void {
  const about = { ...attributes, workflowExecution };
  const initiatedEventId = cluster.append(run, `${asked}_EXTERNAL_WORKFLOW_EXECUTION_INITIATED`, about);
  cluster.happen(cluster.find(workflowExecution), said);
  cluster.happen(run, [`EXTERNAL_WORKFLOW_EXECUTION_${done}`, { initiatedEventId, workflowExecution }]);
}
