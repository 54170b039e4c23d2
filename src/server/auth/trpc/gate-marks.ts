/**
 * The mark of a gate. Registered: a bundler may give one process two copies of this module, whose gates are as good.
 */
const GATE = Symbol.for('latchkey.gate');

/**
 * What a gate lets through: the users that a policy names, those with a `fresh` proof, or calls that travel `alone`,
 * which may write cookies.
 */
export type GateName = 'public' | 'protected' | 'fresh' | 'alone' | `role:${string}`;

/** Marks what was used last on a procedure builder as a gate, by which the start finds it again in the procedures. */
export const markGate = <TBuilder extends { _def: { middlewares: readonly object[] } }>(
  name: GateName,
  builder: TBuilder,
): TBuilder => {
  const gate = builder._def.middlewares.at(-1);
  if (gate !== undefined) Object.defineProperty(gate, GATE, { value: name });
  return builder;
};

/** The names of the gates among middlewares. */
export const gatesAmong = (middlewares: readonly unknown[]): readonly string[] =>
  middlewares.flatMap((middleware): string[] => {
    if (typeof middleware !== 'function') return [];
    const name: unknown = Reflect.get(middleware, GATE);
    return typeof name === 'string' ? [name] : [];
  });
