/** What lists of a cluster say, as far as the filters go that the house asks with. */
import type { Fields } from '../../src/workflows/wire.ts';
import { about, type Run } from './cluster-run.ts';

/** Throws for a filter that this one does not know. */
export function listed(runs: readonly Run[], query: string): Fields[] {
  const conditions = query ? query.split(' AND ').map(conditionOf) : [];
  return runs.map(about).filter((run) => conditions.every((holds) => holds(run)));
}

function conditionOf(text: string): (run: Fields) => boolean {
  const [, field, how, value] = /^(\w+) (=|STARTS_WITH) '([^']*)'$/.exec(text) ?? [];
  if (field === 'WorkflowId' && how === 'STARTS_WITH') return ({ execution }) => execution.workflowId.startsWith(value);
  if (field === 'RunId') return ({ execution }) => execution.runId === value;
  if (field === 'ExecutionStatus') return ({ status }) => wordOf(status as string) === value;
  throw new Error(`a filter like ${text}`);
}

/** WORKFLOW_EXECUTION_STATUS_TIMED_OUT as TimedOut. */
function wordOf(status: string): string {
  const words = status.replace('WORKFLOW_EXECUTION_STATUS_', '').toLowerCase().split('_');
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}
