/** Accounts: invitations, sessions, passwords and the second factor, as their owner and an administrator see them. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';

export const ROLES = ['user', 'developer', 'admin'] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

const Secret = z.string().min(20).max(128);
const Password = z.string().min(1).max(LIMITS.password_chars_max);
/** Six digits, or a recovery code; spaces and dashes do not count. */
export const SecondFactor = z.string().min(1).max(64);

/** How a session began. */
export const SIGN_IN_WAYS = ['password', 'invitation', 'passkey', 'oidc'] as const;
export type SignInWay = (typeof SIGN_IN_WAYS)[number];

/** What the page before the sign-in has to know. */
export const SignInOptions = z.object({
  open_sign_up: z.boolean(),
  /** What the operator calls the service that people can sign in through; null: there is none. */
  oidc_name: z.string().nullable(),
});
export type SignInOptions = z.infer<typeof SignInOptions>;

/** What a link with an invitation opens. `name` is set where it is for somebody who has an account already. */
export const LookAtInvitation = z.strictObject({ token: Secret });
export const InvitationOpened = z.object({
  kind: z.enum(['sign-up', 'reset']),
  name: z.string().nullable(),
  role: Role,
  expires_at: z.iso.datetime(),
});
export type InvitationOpened = z.infer<typeof InvitationOpened>;

/** A new account; without a token where the operator lets everybody sign up. */
export const SignUp = z.strictObject({
  token: Secret.optional(),
  name: z.string().min(1).max(LIMITS.user_name_chars_max),
  password: Password,
});
export type SignUp = z.infer<typeof SignUp>;

/** A new password in place of a forgotten one. */
export const ResetPassword = z.strictObject({ token: Secret, password: Password });

/** The person proves once more who they are, before something that a thief of an open desktop would like to do. */
export const Confirm = z.strictObject({ password: Password, code: SecondFactor.optional() });
export type Confirm = z.infer<typeof Confirm>;

export const ChangePassword = z.strictObject({ password: Password });

export const AccountSession = z.object({
  id: z.string(),
  current: z.boolean(),
  way: z.enum(SIGN_IN_WAYS),
  /** What the browser called itself; only for people to recognise it. */
  user_agent: z.string(),
  address: z.string(),
  created_at: z.iso.datetime(),
  seen_at: z.iso.datetime(),
});
export type AccountSession = z.infer<typeof AccountSession>;

export const AccountPasskey = z.object({
  id: z.string(),
  name: z.string(),
  /** The host that it was made for; it works nowhere else. */
  host: z.string(),
  /** Whether the one who keeps it copies it to other devices of the person. */
  synced: z.boolean(),
  created_at: z.iso.datetime(),
  used_at: z.iso.datetime().nullable(),
});
export type AccountPasskey = z.infer<typeof AccountPasskey>;

/** An account elsewhere that signs in here. */
export const AccountIdentity = z.object({
  id: z.string(),
  issuer: z.string(),
  name: z.string(),
  created_at: z.iso.datetime(),
  used_at: z.iso.datetime().nullable(),
});
export type AccountIdentity = z.infer<typeof AccountIdentity>;

/** link: from now on the account elsewhere signs in to the one that is open here. */
export const BeginOidc = z.strictObject({ purpose: z.enum(['sign-in', 'link']) });
export const OidcBegun = z.object({ url: z.string() });
export type OidcBegun = z.infer<typeof OidcBegun>;

export const Account = z.object({
  name: z.string(),
  role: Role,
  created_at: z.iso.datetime(),
  has_password: z.boolean(),
  totp: z.boolean(),
  recovery_codes_left: z.number().int(),
  passkeys: z.array(AccountPasskey),
  identities: z.array(AccountIdentity),
  /** As in `SignInOptions`. */
  oidc_name: z.string().nullable(),
  /** Until then the person need not confirm again who they are; null: they have to. */
  confirmed_until: z.iso.datetime().nullable(),
  sessions: z.array(AccountSession),
});
export type Account = z.infer<typeof Account>;

/** A new secret for an authenticator app, not yet in force. */
export const TotpSetup = z.object({ secret: z.string(), uri: z.string() });
export type TotpSetup = z.infer<typeof TotpSetup>;

export const TotpCode = z.strictObject({ code: SecondFactor });

/** What an authenticator answers, as the library of the browser writes it; only who verifies it looks inside. */
const PasskeyAnswer = z.looseObject({
  id: z.string().min(1).max(LIMITS.passkey_id_chars_max),
  rawId: z.string().min(1).max(LIMITS.passkey_id_chars_max),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: z.string() }),
  clientExtensionResults: z.looseObject({}),
});

export const AddPasskey = z.strictObject({
  name: z.string().trim().min(1).max(LIMITS.passkey_name_chars_max),
  answer: PasskeyAnswer,
});
export const UsePasskey = z.strictObject({ answer: PasskeyAnswer });

/** Shown once. */
export const RecoveryCodes = z.object({ codes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
