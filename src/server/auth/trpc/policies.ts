import type { AnyRouter } from '@trpc/server';
import type { Auth } from '../auth.ts';
import { rolesSlot } from '../roles.ts';
import { isSlotFilled } from '../slot.ts';
import { describeRouter, type ProcedureDescription, type RouterDescription } from './describe-router.ts';

/** What `createAuth` was given, as far as a router has to fit it. */
export interface Given {
  hasFeature(name: string): boolean;
  roles: readonly string[];
}

/** Says in one line what is wrong with a router, if it is. */
export type RouterCheck = (router: RouterDescription, given: Given) => string | undefined;

type ProcedureCheck = (procedure: ProcedureDescription, given: Given) => boolean;

/** A check of each procedure by itself. The line names those that fail it. */
const none =
  (fails: ProcedureCheck, say: (paths: string) => string): RouterCheck =>
  ({ procedures }, given) => {
    const failing = procedures.filter((procedure) => fails(procedure, given));
    return failing.length === 0 ? undefined : say(failing.map(({ path }) => path).join(', '));
  };

const isOfAuth = ({ path }: ProcedureDescription): boolean => path.startsWith('auth.');

const isMutation = ({ type }: ProcedureDescription): boolean => type === 'mutation';

/** Whether it travels alone, and so may write cookies. */
const isSoleCall = ({ gates }: ProcedureDescription): boolean => gates.includes('alone');

/** The gates that a policy asks for. A role or a proof is asked of a user, whom the gate of `protected` has to find. */
const gatesOf = (policy: string): string[] =>
  policy === 'fresh' || policy.startsWith('role:') ? ['protected', policy] : [policy];

export const everyPolicyIsKnown: RouterCheck = ({ loadedLater }) =>
  loadedLater.length === 0
    ? undefined
    : `These routers are loaded later, so that their policies cannot be checked: ${loadedLater.join(', ')}.`;

export const everyProcedureHasAPolicy = none(
  ({ policy }) => policy === undefined,
  (paths) =>
    `These procedures declare no policy: ${paths}. Build them on publicProcedure, protectedProcedure or roleProcedure.`,
);

export const everyPolicyHasItsGate = none(
  ({ policy, gates }) => policy !== undefined && !gatesOf(policy).every((gate) => gates.includes(gate)),
  (paths) =>
    `These procedures declare a policy that nothing in them keeps: ${paths}. Build them on the procedure of that policy.`,
);

export const everyRoleIsKnown = none(
  ({ policy }, { roles }) => policy?.startsWith('role:') === true && !roles.includes(policy.slice('role:'.length)),
  (paths) => `These procedures ask for a role that createAuth does not know: ${paths}. Add it to its roles.`,
);

export const everyFeatureIsGiven = none(
  ({ feature }, { hasFeature }) => feature !== undefined && !hasFeature(feature),
  (paths) => `These procedures are of features that createAuth was not given: ${paths}. Add them to its features.`,
);

export const onlyMutationsOfAuthWriteCookies = none(
  (procedure) => isSoleCall(procedure) && !(isOfAuth(procedure) && isMutation(procedure)),
  (paths) =>
    `These procedures may write cookies, which only mutations of the router auth may: ${paths}. Clients would send them with others.`,
);

export const everyMutationOfAuthTravelsAlone = none(
  (procedure) => isOfAuth(procedure) && isMutation(procedure) && !isSoleCall(procedure),
  (paths) =>
    `These mutations of the router auth do not travel alone: ${paths}. Build them on cookieProcedure or protectedCookieProcedure, or move them to another router.`,
);

export const sessionsCanBeKept: RouterCheck = ({ procedures }) => {
  const missing = ['auth.refresh', 'auth.logout'].filter(
    (needed) => !procedures.some((procedure) => procedure.path === needed && isMutation(procedure)),
  );
  return missing.length === 0
    ? undefined
    : `The router lacks ${missing.join(' and ')}. Mount the routers of the auth: t.router({ ...auth.routers, … }).`;
};

export const reasonsReachTheClient: RouterCheck = ({ hasOurFormatter }) =>
  hasOurFormatter
    ? undefined
    : 'The errors of the router are not formatted by trpcOptions, so that clients learn no reasons. Create it with trpcOptions({ auth, errorFormatter }).';

const POLICY_CHECKS: readonly RouterCheck[] = [everyPolicyIsKnown, everyProcedureHasAPolicy, everyPolicyHasItsGate];

export const ROUTER_CHECKS: readonly RouterCheck[] = [
  ...POLICY_CHECKS,
  everyRoleIsKnown,
  everyFeatureIsGiven,
  onlyMutationsOfAuthWriteCookies,
  everyMutationOfAuthTravelsAlone,
  sessionsCanBeKept,
  reasonsReachTheClient,
];

const checked = (router: AnyRouter, checks: readonly RouterCheck[], given: Given): RouterDescription => {
  const description = describeRouter(router);
  const problems = checks.flatMap((check) => check(description, given) ?? []);
  if (problems.length > 0) throw new TypeError(problems.join('\n'));
  return description;
};

/**
 * The policy of every procedure of a router, by its path: for tests of an app.
 * @throws TypeError naming those that declare none, or one that they do not keep, or are loaded later (`lazy`).
 */
export const policiesOf = (router: AnyRouter): ReadonlyMap<string, string> => {
  const { procedures } = checked(router, POLICY_CHECKS, { hasFeature: () => true, roles: [] });
  return new Map(procedures.map(({ path, policy = '' }) => [path, policy]));
};

/**
 * Checks that a router and an auth fit each other: nothing is public by accident, and nothing is mounted that cannot
 * work.
 * @returns the procedures that travel alone.
 * @throws TypeError with a line for each thing that is wrong.
 */
export const checkRouter = (router: AnyRouter, auth: Auth): ReadonlySet<string> => {
  const { procedures } = checked(router, ROUTER_CHECKS, {
    hasFeature: (name) => isSlotFilled(auth, name),
    roles: rolesSlot.of(auth),
  });
  return new Set(procedures.filter(isSoleCall).map(({ path }) => path));
};
