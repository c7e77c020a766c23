/** Which language the desktop speaks. English is in the first chunk; another one is fetched when somebody wants it. */
import type { ErrorCode, Permission } from '@hanabi/protocol';
import { en } from './messages.en.ts';

export const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];
/** "auto": what the browser prefers. */
export type LanguageChoice = Language | 'auto';

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: 'English', ja: '日本語' };

type Plural = { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>;
export type Message = string | Plural;

/** A language beside English. What it lacks is said in English, as long as it lacks it. */
export interface Translation {
  messages: { readonly [Key in keyof typeof en]?: Message };
  errors: { readonly [Code in ErrorCode]?: { readonly message: string; readonly fix: string } };
  permissions: { readonly [Name in Permission]?: string };
}

const translations: Readonly<Record<Exclude<Language, 'en'>, () => Promise<Translation>>> = {
  ja: async () => (await import('./japanese.ts')).japanese,
};

class Speech {
  language = $state.raw<Language>('en');
  translation = $state.raw<Translation | null>(null);
  #wanted: Language = 'en';

  /** Speaks it as soon as its texts are here; one that cannot be fetched leaves everything as it was. */
  async speak(choice: LanguageChoice): Promise<void> {
    const language = choice === 'auto' ? preferred() : choice;
    this.#wanted = language;
    const translation = language === 'en' ? null : await translations[language]();
    // Somebody may have chosen again meanwhile.
    if (this.#wanted !== language) return;
    this.language = language;
    this.translation = translation;
    document.documentElement.lang = language;
  }
}

export const speech = new Speech();

/** The first of the browser’s languages that there is. */
export function preferred(tags: readonly string[] = navigator.languages ?? []): Language {
  for (const tag of tags) {
    const language = LANGUAGES.find((one) => one === tag.split('-')[0]?.toLowerCase());
    if (language) return language;
  }
  return 'en';
}
