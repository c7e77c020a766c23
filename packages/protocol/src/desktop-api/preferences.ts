/** How a person likes their desktop: kept on the server, so that it looks the same in every browser. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { CONTRASTS, LANGUAGE_CHOICES, MOTIONS, THEMES, WALLPAPERS } from './preference-choices.ts';

export const Theme = z.enum(THEMES);
export type Theme = z.infer<typeof Theme>;
export const Wallpaper = z.enum(WALLPAPERS);
export type Wallpaper = z.infer<typeof Wallpaper>;
export const Accent = z.string().regex(/^#[0-9a-fA-F]{6}$/);

const Name = z.string().min(1).max(LIMITS.preference_name_chars_max);

/** Where an icon of the desktop stands, in cells of its grid from the upper left corner; between cells when placed freely. */
export const IconPlace = z.strictObject({
  x: z.number().min(0).max(LIMITS.icon_cells_max),
  y: z.number().min(0).max(LIMITS.icon_cells_max),
});
export type IconPlace = z.infer<typeof IconPlace>;

const fields = {
  language: z.enum(LANGUAGE_CHOICES),
  theme: Theme,
  contrast: z.enum(CONTRASTS),
  motion: z.enum(MOTIONS),
  wallpaper: Wallpaper,
  accent: Accent,
  /** Notifications are kept, but do not come up. */
  quiet: z.boolean(),
  quiet_modules: z.array(Name).max(LIMITS.preference_entries_max),
  /** Keys of the desktop that the person has changed: action and combination, such as "Alt+W". */
  shortcuts: z.record(Name, z.string().max(LIMITS.preference_name_chars_max)),
  /** Icons of the desktop that have a place of their own; all others stand in their rows. */
  icon_places: z.record(Name, IconPlace),
  /** Whether icons keep to the cells of the grid. */
  icons_aligned: z.boolean(),
  /** Whether the welcome was seen. */
  welcomed: z.boolean(),
};

export const Preferences = z.strictObject(fields);
export type Preferences = z.infer<typeof Preferences>;
export type PreferenceName = keyof Preferences;

export const ChangePreferences = Preferences.partial();
export type ChangePreferences = z.infer<typeof ChangePreferences>;
