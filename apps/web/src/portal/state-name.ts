import type { VersionState } from '@hanabi/protocol';
import { t } from '../i18n/i18n.ts';

const NAMES = {
  draft: () => t('portal.state.draft'),
  submitted: () => t('portal.state.submitted'),
  rejected: () => t('portal.state.rejected'),
  live: () => t('portal.state.live'),
  superseded: () => t('portal.state.superseded'),
  suspended: () => t('portal.state.suspended'),
} satisfies Record<VersionState, () => string>;

export function stateName(state: VersionState): string {
  return NAMES[state]();
}
