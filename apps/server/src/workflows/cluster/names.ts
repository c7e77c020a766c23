/**
 * How a cluster names what is a module’s. A workflow’s id there begins with its owner’s, which is written by the server and
 * cut off again for the module: so what the module’s code names is its own, whatever it says.
 */
import type { WorkflowOwner } from '../begin-run.ts';

const HOUSE = 'hanabi';

export function clusterId(owner: WorkflowOwner, id: string): string {
  return prefixOf(owner) + id;
}

/** Undefined for what is not of this house. */
export function ownedIn(name: string): { owner: WorkflowOwner; id: string } | undefined {
  const [house, user_id, module_id, ...rest] = name.split('/');
  if (house !== HOUSE || !user_id || !module_id || rest.length === 0) return undefined;
  return { owner: { user_id, module_id }, id: rest.join('/') };
}

/** With which all ids begin of a module of a user, or of all modules of a user. */
export function prefixOf({ user_id, module_id }: Pick<WorkflowOwner, 'user_id'> & Partial<WorkflowOwner>): string {
  return module_id === undefined ? `${HOUSE}/${user_id}/` : `${HOUSE}/${user_id}/${module_id}/`;
}

/** Where the tasks of a module wait, of all its users. */
export function queueOf(module_id: string): string {
  return `${HOUSE}/${module_id}`;
}
