/** Signing in, and who is signed in. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';
import { Id } from '../schema.ts';
import { Role, SecondFactor } from './accounts.ts';
import { Preferences } from './preferences.ts';

export const SignIn = z.strictObject({
  name: z.string().min(1).max(LIMITS.user_name_chars_max),
  password: z.string().min(1).max(LIMITS.password_chars_max),
  /** Of the authenticator app, or a recovery code; asked for with HANABI-A008. */
  code: SecondFactor.optional(),
});
export type SignIn = z.infer<typeof SignIn>;

export const Session = z.object({
  user: z.object({ id: Id, name: z.string(), role: Role }),
  csrf_token: z.string(),
  root_folder_id: Id,
  /** Here as well, so that the first desktop that is drawn is the one that the person likes. */
  preferences: Preferences,
  /** Whether workers can run here, for a hint where one is started. */
  sandbox: z.object({ backend: z.string(), ready: z.boolean(), note: z.string() }),
});
export type Session = z.infer<typeof Session>;
