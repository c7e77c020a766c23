/** What a choice of language is called. */
import { t } from './i18n.ts';
import { LANGUAGE_NAMES, type LanguageChoice } from './language.svelte.ts';

export function languageName(choice: LanguageChoice): string {
  return choice === 'auto' ? t('settings.language.auto') : LANGUAGE_NAMES[choice];
}
