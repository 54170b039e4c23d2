import type { AnyRouter } from '@trpc/server';
import { gatesAmong } from './gate-marks.ts';
import { isOurFormatter } from './options.ts';

/** What can be told of a procedure before anybody has called it. */
export interface ProcedureDescription {
  path: string;
  type: string;
  /** Who may call it, as it says itself; undefined when it says nothing. */
  policy: string | undefined;
  /** The feature that it is of, if it is of one. */
  feature: string | undefined;
  /** The gates that are among its middlewares. */
  gates: readonly string[];
}

export interface RouterDescription {
  procedures: readonly ProcedureDescription[];
  /** The paths of routers that are loaded later: nobody knows what is in them. */
  loadedLater: readonly string[];
  /** Whether the formatter of its errors was made by `trpcOptions`. */
  hasOurFormatter: boolean;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const describeProcedure = (path: string, procedure: unknown): ProcedureDescription => {
  const found: unknown = typeof procedure === 'function' && '_def' in procedure ? procedure._def : undefined;
  const definition = isObject(found) ? found : {};
  const { meta, middlewares, type } = definition;
  const declared = isObject(meta) ? meta : {};
  return {
    path,
    type: textOf(type) ?? '',
    policy: textOf(declared['policy']),
    feature: textOf(declared['feature']),
    gates: gatesAmong(Array.isArray(middlewares) ? middlewares : []),
  };
};

export const describeRouter = ({ _def }: AnyRouter): RouterDescription => {
  const procedures: unknown = _def.procedures;
  return {
    procedures: Object.entries(isObject(procedures) ? procedures : {}).map(([path, procedure]) =>
      describeProcedure(path, procedure),
    ),
    loadedLater: Object.keys(_def.lazy),
    hasOurFormatter: isOurFormatter(_def._config.errorFormatter),
  };
};
