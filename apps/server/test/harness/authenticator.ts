import { generate } from 'otplib';

/** The code that an authenticator app shows now, or so many steps of 30 s from now. */
export function codeOf(secret: string, steps = 0): Promise<string> {
  return generate({ secret, epoch: Math.floor(Date.now() / 1000) + 30 * steps });
}
