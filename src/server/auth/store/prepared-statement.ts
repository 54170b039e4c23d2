import type { CompiledQuery, Kysely, QueryResult } from 'kysely';

/** Stands for a value in a statement that is compiled before the value is known. */
class Placeholder {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}

interface Compilable<TRow> {
  compile(): CompiledQuery<TRow>;
}

/**
 * Compiles a hot statement once. `build` receives a stand-in for each value; `run` puts the values in their places.
 * @example
 * const findNote = prepare<{ id: string }>()((value) =>
 *   db.selectFrom('notes').selectAll().where('id', '=', value.id),
 * );
 * const { rows } = await findNote(db, { id });
 */
export const prepare =
  <TValues extends object>() =>
  <TRow>(build: (value: TValues) => Compilable<TRow>) => {
    const standIns = new Proxy({}, { get: (_target, name) => new Placeholder(String(name)) });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the builder only hands them on to Kysely, which keeps parameters as they are
    const compiled = build(standIns as TValues).compile();
    const plan = compiled.parameters.map((parameter) =>
      parameter instanceof Placeholder ? parameter.name : { parameter },
    );

    return <TDatabase>(db: Kysely<TDatabase>, values: TValues): Promise<QueryResult<TRow>> => {
      const parameters = plan.map((step): unknown =>
        typeof step === 'string' ? Reflect.get(values, step) : step.parameter,
      );
      return db.executeQuery<TRow>({ ...compiled, parameters });
    };
  };
