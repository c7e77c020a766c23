import type { Role } from '@hanabi/protocol';
import { t } from '../i18n/i18n.ts';

export function roleName(role: Role): string {
  const names = { user: t('role.user'), developer: t('role.developer'), admin: t('role.admin') };
  return names[role];
}
