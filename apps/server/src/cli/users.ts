/** Looks after accounts from the command line: what an administrator does in the desktop, without signing in. */
import { type Role, ROLES } from '@hanabi/protocol';
import { Invitations } from '../accounts/invitations.ts';
import { listUsers } from '../accounts/list-users.ts';
import { Users } from '../accounts/users.ts';
import { Audit, type AuditEvent } from '../audit.ts';
import { tellChanged } from '../changes-signal.ts';
import { ConfigError } from '../config.ts';
import { FileTree } from '../storage/file-tree.ts';
import { tellServers } from '../storage/signals.ts';
import type { Opened } from './main.ts';
import { userNamed } from './user-named.ts';

export interface UserOptions {
  json: boolean;
  enable: boolean;
  role: string | undefined;
  note: string | undefined;
  url: string | undefined;
}

type Act = (opened: Opened, positionals: readonly string[], options: UserOptions) => Promise<void>;

/** Who did it, on record. */
const ACTOR = 'command line';

/** Returns the exit code. */
export async function userCommand(opened: Opened, words: readonly string[], options: UserOptions): Promise<number> {
  const [act = '', ...rest] = words;
  await ACTS[act as keyof typeof ACTS](opened, rest, options);
  return 0;
}

const ACTS = {
  list: async ({ db }, _, { json }) => {
    const users = await listUsers(db);
    if (json) return console.log(JSON.stringify(users, null, 2));
    for (const { name, role, disabled_at, seen_at, totp } of users) {
      const marks = [role, disabled_at && 'disabled', totp && 'second factor', seen_at && `last seen ${seen_at}`];
      console.log(`${name}: ${marks.filter(Boolean).join(', ')}`);
    }
  },
  invite: async (opened, _, { role = 'user', note = '', url }) => {
    const wish = { role: roleOf(role), storage_limit_bytes: null, note, created_by: null };
    const { token, row } = await new Invitations(opened.db).create(wish);
    await record(opened, { event: 'invitation.create', detail: `${role} ${note}`.trim() });
    printLink(opened, token, row.expires_at, url);
  },
  role: async (opened, [name = '', role = '']) => {
    const user = await userNamed(opened.db, name);
    const after = await usersOf(opened).change(user.id, { role: roleOf(role) });
    await tell(opened);
    await record(opened, { event: 'account.role', subject: user.name, detail: `${user.role} → ${after.role}` });
    console.log(`${user.name} is ${after.role} now`);
  },
  disable: async (opened, [name = ''], { enable }) => {
    const user = await userNamed(opened.db, name);
    await usersOf(opened).change(user.id, { disabled: !enable });
    if (!enable) await opened.db.deleteFrom('sessions').where('user_id', '=', user.id).execute();
    await tell(opened);
    await record(opened, { event: enable ? 'account.enable' : 'account.disable', subject: user.name });
    console.log(`${user.name} ${enable ? 'may sign in again' : 'is disabled and signed out'}`);
  },
  'reset-password': async (opened, [name = ''], { url }) => {
    const user = await userNamed(opened.db, name);
    const { token, row } = await new Invitations(opened.db).reset(user, null);
    await record(opened, { event: 'password.reset-link', subject: user.name });
    printLink(opened, token, row.expires_at, url);
  },
} as const satisfies Record<string, Act>;

export const USER_COMMANDS = Object.keys(ACTS).map((name) => `user ${name}`);

/** Running servers, that accounts have changed. */
async function tell({ config, db }: Opened): Promise<void> {
  await tellChanged(config.data_dir, 'accounts');
  await tellServers(db, 'accounts');
}

function usersOf({ db }: Opened): Users {
  return new Users(db, new FileTree(db));
}

function roleOf(text: string): Role {
  const role = ROLES.find((one) => one === text);
  if (!role) throw new ConfigError(`"${text}" is not a role; there are ${ROLES.join(', ')}`);
  return role;
}

function record({ db }: Opened, event: AuditEvent): Promise<void> {
  return new Audit(db).record({ ...event, actor: ACTOR });
}

function printLink(
  { config }: Opened,
  token: string,
  expires_at: string,
  url = `http://localhost:${config.port}`,
): void {
  console.log(`${url.replace(/\/$/, '')}/#invitation=${token}`);
  console.log(`works once, until ${expires_at}`);
}
