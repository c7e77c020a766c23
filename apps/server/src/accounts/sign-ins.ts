import { HanabiError, LIMITS } from '@hanabi/protocol';
import { Capacity } from '../capacity.ts';
import type { KnownDevices } from './known-devices.ts';
import { nameKey } from './names.ts';
import type { SecondFactors } from './second-factors.ts';
import { addressKey, SignInMeter } from './sign-in-meter.ts';
import type { UserRow, Users } from './users.ts';

export interface Proof {
  ip: string;
  name: string;
  password: string;
  /** Of the second factor. */
  code?: string | undefined;
  /** What the browser brings that shows who signed in with it before. */
  device_notes: string | undefined;
}

/** Signing in with a password, bounded in how often and how much of it at a time. */
export class SignIns {
  private readonly users: Users;
  private readonly devices: KnownDevices;
  private readonly secondFactors: SecondFactors;
  private readonly meter = new SignInMeter();
  /** Checking a password is made to be expensive, which is a lever for whoever asks for it without an account. */
  private readonly checks = newChecks(LIMITS.password_checks_at_once_max);
  /** For browsers that are known, so that strangers who take all others do not stand in their way. */
  private readonly checksOfKnown = newChecks(1);

  constructor(users: Users, devices: KnownDevices, secondFactors: SecondFactors) {
    this.users = users;
    this.devices = devices;
    this.secondFactors = secondFactors;
  }

  /**
   * The user whom name, password and second factor belong to. HANABI-A002 when the first two do not belong together,
   * whatever the reason; A008 and A009 only when they do; A003 or Q007 when it is too much.
   */
  async signIn({ ip, name, password, code, device_notes }: Proof): Promise<UserRow> {
    const key = nameKey(name);
    const device = this.devices.find(device_notes, key);
    const succeeded = this.meter.attempt(ip, key, device);
    const leave = await (device ? this.checksOfKnown : this.checks).enter(device ?? addressKey(ip), 1);
    let user: UserRow | undefined;
    try {
      user = await this.users.authenticate(name, password);
    } finally {
      leave();
    }
    if (!user) throw new HanabiError('HANABI-A002');
    succeeded();
    if (!(await this.secondFactors.isOn(user.id))) return user;
    if (code === undefined) throw new HanabiError('HANABI-A008');
    await this.secondFactors.verify(user, code, device);
    return user;
  }

  /** Runs what hashes a password for somebody who has no session, within the same bounds. */
  async hashing<T>(ip: string, work: () => Promise<T>): Promise<T> {
    const leave = await this.checks.enter(addressKey(ip), 1);
    try {
      return await work();
    } finally {
      leave();
    }
  }
}

function newChecks(total: number): Capacity {
  return new Capacity({
    total,
    share: Math.min(total, LIMITS.password_checks_of_address_at_once_max),
    waiting_max: LIMITS.password_checks_waiting_max,
    wait_ms_max: LIMITS.password_check_wait_ms_max,
  });
}
