import { createHash, randomBytes } from 'node:crypto';

/** A random 128-bit id, safe in URLs. */
export function newId(): string {
  return randomBytes(16).toString('base64url');
}

/** A random 256-bit secret, safe in URLs. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is stored of a secret. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
