import { t } from '../i18n/i18n.ts';
import { asHanabiError } from '../ui/as-hanabi-error.ts';
import type { Shell } from './shell.svelte.ts';

/** A part that is fetched when it is first wanted. One that cannot be had is told of, and nobody waits for it. */
export async function fetched<Part>(
  shell: Shell,
  load: () => Promise<Part>,
  without: () => void,
): Promise<Part | null> {
  try {
    return await load();
  } catch (cause) {
    without();
    shell.tellError(asHanabiError(cause, 'HANABI-V011'), t('window.notLoaded'));
    return null;
  }
}
