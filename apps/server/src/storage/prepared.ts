import type { Compilable, CompiledQuery, QueryResult } from 'kysely';
import type { Db } from './db.ts';
import type { Reader } from './rows.ts';

/** Stands for a value that each run brings. */
class Mark {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/**
 * A statement whose text is made once. Building and compiling it anew costs several times what the engine needs for a
 * row that it finds by its key. `build` writes it as always, with the values it is given, and may not look at them.
 */
export class Prepared<Values extends object, Row> {
  private readonly text: CompiledQuery<Row>;
  private readonly names: readonly (string | { fixed: unknown })[];

  constructor(db: Db, build: (db: Db, values: Values) => Compilable<Row>) {
    const values = new Proxy({} as Values, { get: (_, name) => new Mark(String(name)) });
    this.text = build(db, values).compile();
    this.names = this.text.parameters.map((value) => (value instanceof Mark ? value.name : { fixed: value }));
  }

  run(db: Reader, values: Values): Promise<QueryResult<Row>> {
    const parameters = this.names.map((name) =>
      typeof name === 'string' ? (values as Record<string, unknown>)[name] : name.fixed,
    );
    return db.executeQuery<Row>({ ...this.text, parameters });
  }

  async all(db: Reader, values: Values): Promise<Row[]> {
    return (await this.run(db, values)).rows;
  }

  async first(db: Reader, values: Values): Promise<Row | undefined> {
    return (await this.run(db, values)).rows[0];
  }
}
