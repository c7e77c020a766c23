/**
 * How the person likes the desktop. The server keeps it; a copy in the browser holds what the first picture needs, so
 * that no page is drawn in one colour and then in another.
 */
import { type ChangePreferences, DEFAULT_PREFERENCES, DESKTOP_PATHS, type Preferences } from '@hanabi/protocol';
import { requestJson } from '../api/request.ts';
import { type Language, LANGUAGES, speech } from '../i18n/language.svelte.ts';
import { readStored, writeStored } from '../ui/stored.ts';
import { applyAppearance, onSystemChange } from './appearance.ts';

type Copy = Pick<Preferences, 'language' | 'theme' | 'contrast' | 'motion' | 'accent' | 'wallpaper'>;

class PersonalPreferences {
  current = $state.raw<Preferences>(DEFAULT_PREFERENCES);
  /** A change on its way is newer than what the server says meanwhile. */
  #changing = 0;
  /** What was chosen on this page before anybody had signed in. */
  #chosen: Language | null = null;

  constructor() {
    onSystemChange(() => applyAppearance(this.current));
  }

  /** Before anything is drawn: as it was the last time. Settles when its language is here, or cannot be had. */
  begin(): Promise<void> {
    return this.#show({ ...DEFAULT_PREFERENCES, ...readStored<Partial<Copy>>('look', {}, isCopy) });
  }

  /** What the server says of the one who is signed in. */
  take(preferences: Preferences): void {
    if (this.#changing > 0) return;
    void this.#show(preferences);
    const { language, theme, contrast, motion, accent, wallpaper } = preferences;
    writeStored('look', { language, theme, contrast, motion, accent, wallpaper } satisfies Copy);
    const chosen = this.#chosen;
    this.#chosen = null;
    // Should the server refuse, the language is that of the browser, as before.
    if (chosen && language === 'auto') void this.change({ language: chosen }).catch(() => undefined);
  }

  /** On the sign-in page. An account that has chosen none yet takes it over. */
  chooseLanguage(language: Language): void {
    this.#chosen = language;
    writeStored('look', { language });
    void this.#show({ ...this.current, language });
  }

  /** Another desktop of this person has changed something. */
  async reload(): Promise<void> {
    this.take(await requestJson<Preferences>(DESKTOP_PATHS.preferences));
  }

  /** Shown at once, and as before should the server refuse. */
  async change(changes: ChangePreferences): Promise<void> {
    const before = this.current;
    this.#changing += 1;
    void this.#show({ ...before, ...changes });
    try {
      const kept = await requestJson<Preferences>(DESKTOP_PATHS.preferences, { method: 'PATCH', json: changes });
      this.#changing -= 1;
      this.take(kept);
    } catch (cause) {
      this.#changing -= 1;
      void this.#show(before);
      throw cause;
    }
  }

  /** Somebody else may sit down: only the language stays, so that the sign-in page can be read. */
  forget(): void {
    const { language } = this.current;
    writeStored('look', { language });
    void this.#show({ ...DEFAULT_PREFERENCES, language });
  }

  /** A language that cannot be fetched is no reason to show nothing. */
  #show(preferences: Preferences): Promise<void> {
    this.current = preferences;
    applyAppearance(preferences);
    return speech.speak(preferences.language).catch((error: unknown) => console.error(error));
  }
}

export const preferences = new PersonalPreferences();

function isCopy(value: unknown): value is Partial<Copy> {
  if (typeof value !== 'object' || value === null) return false;
  const { language = 'auto', accent = '#000000' } = value as Partial<Copy>;
  return ['auto', ...LANGUAGES].includes(language) && /^#[0-9a-f]{6}$/i.test(accent);
}
