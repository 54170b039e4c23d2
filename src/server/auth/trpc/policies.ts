import type { AnyRouter } from '@trpc/server';
import type { ProcedureMeta } from './procedures.ts';

const isDeclaration = (meta: unknown): meta is ProcedureMeta =>
  typeof meta === 'object' && meta !== null && 'policy' in meta && typeof meta.policy === 'string';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const metaOf = (procedure: unknown): unknown =>
  typeof procedure === 'function' && 'meta' in procedure ? procedure.meta : undefined;

/**
 * Every procedure of a router with what it declares of itself.
 * @throws TypeError naming those that declare no policy, or are loaded later (`lazy`): nothing is public by accident.
 */
export const policiesOf = (router: AnyRouter): Map<string, ProcedureMeta> => {
  const later = Object.keys(router._def.lazy);
  if (later.length > 0) {
    throw new TypeError(
      `These routers are loaded later, so that their policies cannot be checked: ${later.join(', ')}.`,
    );
  }
  const procedures: unknown = router._def.procedures;
  const policies = new Map<string, ProcedureMeta>();
  const undeclared: string[] = [];
  for (const [path, procedure] of Object.entries(isObject(procedures) ? procedures : {})) {
    const meta = metaOf(procedure);
    if (isDeclaration(meta)) policies.set(path, meta);
    else undeclared.push(path);
  }
  if (undeclared.length > 0) {
    const names = undeclared.join(', ');
    throw new TypeError(
      `These procedures declare no policy: ${names}. Build them on publicProcedure, protectedProcedure or roleProcedure.`,
    );
  }
  return policies;
};

/** The procedures that write cookies. */
export const cookieProceduresOf = (router: AnyRouter): ReadonlySet<string> =>
  new Set([...policiesOf(router)].filter(([, meta]) => meta.writesCookies).map(([path]) => path));
