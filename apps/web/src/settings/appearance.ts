/** Puts a person's taste on the page: the style sheets ask for the attributes that are set here. */
import { DEFAULT_PREFERENCES, type Preferences } from '@hanabi/protocol';
import { accentTokens } from './accent.ts';

export type Appearance = Pick<Preferences, 'theme' | 'contrast' | 'motion' | 'accent' | 'wallpaper'>;

const dark = matchMedia('(prefers-color-scheme: dark)');
const moreContrast = matchMedia('(prefers-contrast: more)');
const lessMotion = matchMedia('(prefers-reduced-motion: reduce)');

export function applyAppearance({ theme, contrast, motion, accent }: Appearance): void {
  const root = document.documentElement;
  const shown = theme === 'system' ? (dark.matches ? 'dark' : 'light') : theme;
  root.dataset['theme'] = shown;
  root.toggleAttribute('data-more-contrast', contrast === 'more' || moreContrast.matches);
  root.toggleAttribute('data-less-motion', motion === 'less' || lessMotion.matches);
  const own = accent !== DEFAULT_PREFERENCES.accent;
  for (const [name, value] of Object.entries(accentTokens(accent, shown))) {
    if (own) root.style.setProperty(name, value);
    else root.style.removeProperty(name);
  }
}

/** Calls back when the system changes what it asks for. */
export function onSystemChange(listener: () => void): void {
  for (const query of [dark, moreContrast, lessMotion]) query.addEventListener('change', listener);
}
