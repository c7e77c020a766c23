/** The parts of the settings; each has its name in the catalogue. */
import type { ChangePreferences } from '@hanabi/protocol';

export const PARTS = [
  'appearance',
  'language',
  'notifications',
  'apps',
  'storage',
  'modules',
  'shortcuts',
  'about',
] as const;
export type SettingsPart = (typeof PARTS)[number];

/** Changes something; a refusal is told by the page. */
export interface PartProps {
  change: (changes: ChangePreferences) => Promise<void>;
}
