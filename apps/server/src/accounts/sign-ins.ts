import { HanabiError, LIMITS } from '@hanabi/protocol';
import { Capacity } from '../capacity.ts';
import { addressKey, SignInMeter } from './sign-in-meter.ts';
import type { UserRow, Users } from './users.ts';

/** Signing in with a password, bounded in how often and how much of it at a time. */
export class SignIns {
  private readonly users: Users;
  private readonly meter = new SignInMeter();
  /** Checking a password is made to be expensive, which is a lever for whoever asks for it without an account. */
  private readonly checks = new Capacity({
    total: LIMITS.password_checks_at_once_max,
    share: LIMITS.password_checks_of_address_at_once_max,
    waiting_max: LIMITS.password_checks_waiting_max,
    wait_ms_max: LIMITS.password_check_wait_ms_max,
  });

  constructor(users: Users) {
    this.users = users;
  }

  /** The user whose name and password these are. HANABI-A002 when they are not, A003 or Q007 when it is too much. */
  async signIn(ip: string, name: string, password: string): Promise<UserRow> {
    const succeeded = this.meter.attempt(ip, name);
    const leave = await this.checks.enter(addressKey(ip), 1);
    let user: UserRow | undefined;
    try {
      user = await this.users.authenticate(name, password);
    } finally {
      leave();
    }
    if (!user) throw new HanabiError('HANABI-A002');
    succeeded();
    return user;
  }
}
