/** What looks like a secret, by its name or by its form. It finds what is not hidden; nothing relies on it but the debugger. */

export const HIDDEN_TEXT = '‹hidden›';

const SECRET_WORDS = new Set([
  'authorization',
  'bearer',
  'cookie',
  'cookies',
  'credential',
  'credentials',
  'otp',
  'passcode',
  'passphrase',
  'passwd',
  'password',
  'passwords',
  'pwd',
  'secret',
  'secrets',
  'ticket',
  'token',
  'tokens',
]);
const SECRET_PAIRS = new Set([
  'api key',
  'access key',
  'private key',
  'signing key',
  'recovery code',
  'recovery codes',
]);

/** Names are read as words: "apiKey", "api_key" and "API-KEY" are one. */
export function isSecretName(name: string): boolean {
  const words = name
    .slice(0, 200)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .flatMap((word) => (word === 'apikey' ? ['api', 'key'] : [word]));
  return words.some((word, at) => SECRET_WORDS.has(word) || SECRET_PAIRS.has(`${word} ${words[at + 1]}`));
}

/** Each with what stays of it in front. Bounded where a text could begin a match again and again: a page chooses the text. */
const SECRET_FORMS: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /(\b(?:Bearer|Basic) )[\w.~+/=-]{8,}/g,
  /()\beyJ[\w-]{5,1000}\.[\w-]{5,4000}\.[\w-]*/g,
  /()\b(?:hanabi_publish_|github_pat_|gh[oprsu]_|xox[abp]-|sk-|AKIA)[\w-]{8,}/g,
  /()\b\d{8,10}:[\w-]{35}\b/g,
  // The address of a content opens it for whoever has it.
  /(\/runtime\/media\/)[^\s"'?#]+/g,
  /(\/\/)[^\s/:@]+:[^\s/@]+(?=@)/g,
  /([?&][\w-]*(?:ticket|token|secret|password|signature|key)=)[^&#\s"']+/gi,
];

export function withoutSecrets(text: string): string {
  return SECRET_FORMS.reduce((left, form) => left.replaceAll(form, `$1${HIDDEN_TEXT}`), text);
}
