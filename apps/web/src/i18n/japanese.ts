/** The Japanese language, in one chunk. */
import { errors } from './errors.ja.ts';
import type { Translation } from './language.svelte.ts';
import { messages } from './messages.ja.ts';
import { permissions } from './permissions.ja.ts';

export const japanese: Translation = { messages, errors, permissions };
