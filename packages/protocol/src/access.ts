/**
 * The first two of the three checks. The bridge runs them so that a refusal is quick and legible; the server runs
 * them because only there they count. The third check, scope, is the server's alone.
 */
import { type ErrorCode, HanabiError } from './errors.ts';
import type { Permission } from './permissions.ts';
import { PERMISSIONS } from './permissions.ts';
import type { CapabilityRow } from './schema.ts';

export interface Rights {
  /** What the manifest lists. */
  readonly declared: ReadonlySet<Permission>;
  /** What of it is granted to this module for this user, now. */
  readonly granted: ReadonlySet<Permission>;
}

/** Ends with HANABI-P001, P002 or P003 unless the module may send this request. */
export function checkAccess(row: CapabilityRow, payload: Record<string, unknown>, rights: Rights): void {
  const { all = [], any = [] } = row.needs;
  for (const permission of all) requirePermission(permission, rights);
  if (any.length > 0 && !any.some((permission) => holds(permission, rights))) {
    requirePermission(any.find((permission) => rights.declared.has(permission)) ?? any[0]!, rights);
  }
  const when = row.needsWhen;
  if (when && payload[when.field] === when.equals && !rights.declared.has(when.declared)) {
    throw refusal('HANABI-P001', when.declared);
  }
}

export function holds(permission: Permission, rights: Rights): boolean {
  return rights.declared.has(permission) && rights.granted.has(permission);
}

export function requirePermission(permission: Permission, rights: Rights): void {
  if (!rights.declared.has(permission)) throw refusal('HANABI-P001', permission);
  if (rights.granted.has(permission)) return;
  throw refusal(PERMISSIONS[permission].tier === 'consent' ? 'HANABI-P003' : 'HANABI-P002', permission);
}

function refusal(code: ErrorCode, permission: Permission): HanabiError {
  return new HanabiError(code, permission, { permission });
}
