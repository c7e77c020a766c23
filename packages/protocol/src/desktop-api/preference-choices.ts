/** What a person can choose of, and what is chosen for one who has not. Plain values, which the first chunk holds. */
import type { Preferences } from './preferences.ts';

export const LANGUAGE_CHOICES = ['auto', 'en', 'ja'] as const;
export const THEMES = ['system', 'light', 'dark'] as const;
export const CONTRASTS = ['system', 'more'] as const;
export const MOTIONS = ['system', 'less'] as const;
/** Pictures that come with the desktop; nobody brings one of their own, so that none can pretend to be a window. */
export const WALLPAPERS = ['fireworks', 'waves', 'blossoms', 'mountains', 'plain'] as const;

export const DEFAULT_PREFERENCES: Preferences = {
  language: 'auto',
  theme: 'system',
  contrast: 'system',
  motion: 'system',
  wallpaper: 'fireworks',
  accent: '#3350b4',
  quiet: false,
  quiet_modules: [],
  shortcuts: {},
  icon_places: {},
  icons_aligned: true,
  welcomed: false,
};
