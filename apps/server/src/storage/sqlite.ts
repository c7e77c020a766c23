/**
 * SQLite through the node:sqlite interface: built in on Node ≥ 22.13, the same interface from a package on Node 20.
 * WAL with synchronous=FULL: an acknowledged write survives a power cut (NORMAL measurably does not).
 */
import { closeSync, openSync } from 'node:fs';
import { createRequire } from 'node:module';
import type * as Engine from '@photostructure/sqlite';
import { type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';

const require = createRequire(import.meta.url);

type Database = InstanceType<typeof Engine.DatabaseSync>;
type PreparedStatement = ReturnType<Database['prepare']>;

function loadEngine(): Pick<typeof Engine, 'DatabaseSync'> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const builtIn = major > 22 || (major === 22 && minor >= 13);
  return require(builtIn ? 'node:sqlite' : '@photostructure/sqlite') as Pick<typeof Engine, 'DatabaseSync'>;
}

export function openSqlite(path: string): SqliteDialect {
  const engine = loadEngine();
  // A new one is nobody else's to read, however open its folder; what SQLite puts beside it is as closed as the file.
  closeSync(openSync(path, 'a', 0o600));
  const database = new engine.DatabaseSync(path);
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on');
  database.exec('pragma busy_timeout = 5000');
  return new SqliteDialect({ database: new CachingDatabase(database) });
}

/** Kysely asks for a statement by its text each time; preparing it once is most of the speed. */
class CachingDatabase implements SqliteDatabase {
  private readonly statements = new Map<string, Statement>();
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
  }

  prepare(text: string): SqliteStatement {
    let statement = this.statements.get(text);
    if (!statement) {
      statement = new Statement(this.database.prepare(text), text === 'rollback');
      // Texts with lists of values in them vary without end.
      if (this.statements.size >= 500) this.statements.clear();
      this.statements.set(text, statement);
    }
    return statement;
  }

  close(): void {
    this.database.close();
  }
}

type Value = Parameters<PreparedStatement['all']>[0];

/** What a disk that is full or fails makes of a statement: SQLite has one text for each of its numbers. */
const NUMBERS: ReadonlyMap<string, number> = new Map([
  ['attempt to write a readonly database', 8],
  ['disk I/O error', 10],
  ['database disk image is malformed', 11],
  ['database or disk is full', 13],
  ['unable to open database file', 14],
]);

/** The package for Node 20 leaves the number off what a statement with rows throws. */
function withNumber(error: unknown): unknown {
  const { message, errcode } = error as Error & { errcode?: number };
  const number = NUMBERS.get(message);
  return errcode === undefined && number !== undefined ? Object.assign(error as Error, { errcode: number }) : error;
}

class Statement implements SqliteStatement {
  readonly reader: boolean;
  private readonly statement: PreparedStatement;
  private readonly isRollback: boolean;

  constructor(statement: PreparedStatement, isRollback: boolean) {
    this.statement = statement;
    this.isRollback = isRollback;
    this.reader = statement.columns().length > 0;
  }

  all(parameters: readonly unknown[]): unknown[] {
    try {
      return this.statement.all(...(parameters as Value[]));
    } catch (error) {
      throw withNumber(error);
    }
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    try {
      return this.statement.run(...(parameters as Value[]));
    } catch (error) {
      // On a full disk the engine has rolled back by itself, and the failure that matters is the one before this.
      if (!this.isRollback || !/no transaction is active/.test((error as Error).message)) throw error;
      return { changes: 0, lastInsertRowid: 0 };
    }
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.statement.iterate(...(parameters as Value[])) as IterableIterator<unknown>;
  }
}
