import { initTRPC, lazy } from '@trpc/server';
import { expect, test } from 'vitest';
import { testRouter } from '#testing/auth.ts';
import type { Auth } from '../auth.ts';
import type { AuthContext } from '../context.ts';
import { coreRouters } from '../core-routers.ts';
import { passwordRouters } from '../features/passwords/index.ts';
import { DEFAULT_ROLES, rolesSlot } from '../roles.ts';
import { createSlot } from '../slot.ts';
import type { ProcedureDescription, RouterDescription } from './describe-router.ts';
import { trpcOptions } from './options.ts';
import {
  checkRouter,
  everyFeatureIsGiven,
  everyMutationOfAuthTravelsAlone,
  everyPolicyHasItsGate,
  everyPolicyIsKnown,
  everyProcedureHasAPolicy,
  everyRoleIsKnown,
  onlyMutationsOfAuthWriteCookies,
  policiesOf,
  ROUTER_CHECKS,
  type RouterCheck,
  reasonsReachTheClient,
  sessionsCanBeKept,
} from './policies.ts';
import {
  cookieProcedure,
  type ProcedureMeta,
  protectedCookieProcedure,
  protectedProcedure,
  publicProcedure,
  roleProcedure,
  router,
} from './procedures.ts';

const given = { hasFeature: (name: string) => name === 'passwords', roles: ['user', 'admin'] };

const alone = (path: string, type = 'mutation'): ProcedureDescription => ({
  path,
  type,
  policy: 'public',
  feature: undefined,
  gates: ['public', 'alone'],
});
const refresh = alone('auth.refresh');
const logout = alone('auth.logout');
const claims: ProcedureDescription = { ...alone('auth.claims', 'query'), policy: 'protected', gates: ['protected'] };
const login: ProcedureDescription = { ...alone('auth.login'), feature: 'passwords' };
const note: ProcedureDescription = { ...claims, path: 'notes.create', type: 'mutation' };
const purge: ProcedureDescription = {
  ...note,
  path: 'notes.purge',
  policy: 'role:admin',
  gates: ['protected', 'role:admin'],
};

const sound: RouterDescription = {
  procedures: [refresh, logout, claims, login, note, purge],
  loadedLater: [],
  hasOurFormatter: true,
};
const withProcedure = (procedure: ProcedureDescription): RouterDescription => ({
  ...sound,
  procedures: [...sound.procedures, procedure],
});

const table: [string, RouterDescription, RouterCheck, string][] = [
  ['a router that is loaded later', { ...sound, loadedLater: ['reports'] }, everyPolicyIsKnown, 'reports'],
  [
    'a procedure without a policy',
    withProcedure({ ...note, path: 'x', policy: undefined, gates: [] }),
    everyProcedureHasAPolicy,
    'x',
  ],
  ['a policy without any gate', withProcedure({ ...note, path: 'x', gates: [] }), everyPolicyHasItsGate, 'x'],
  [
    'a policy with the gate of another',
    withProcedure({ ...note, path: 'x', gates: ['public'] }),
    everyPolicyHasItsGate,
    'x',
  ],
  ['public by its label alone', withProcedure({ ...note, path: 'x', policy: 'public' }), everyPolicyHasItsGate, 'x'],
  ['a policy that nobody knows', withProcedure({ ...note, path: 'x', policy: 'internal' }), everyPolicyHasItsGate, 'x'],
  [
    'a role that nobody asks for',
    withProcedure({ ...purge, path: 'x', gates: ['protected'] }),
    everyPolicyHasItsGate,
    'x',
  ],
  ['another role', withProcedure({ ...purge, path: 'x', policy: 'role:user' }), everyPolicyHasItsGate, 'x'],
  [
    'a role that is asked of nobody',
    withProcedure({ ...purge, path: 'x', gates: ['role:admin'] }),
    everyPolicyHasItsGate,
    'x',
  ],
  [
    'a feature that was not given',
    withProcedure({ ...login, path: 'auth.x', feature: 'totp' }),
    everyFeatureIsGiven,
    'auth.x',
  ],
  [
    'cookies outside of the router auth',
    withProcedure(alone('members.x')),
    onlyMutationsOfAuthWriteCookies,
    'members.x',
  ],
  [
    'cookies in a router with a name like it',
    withProcedure(alone('authors.x')),
    onlyMutationsOfAuthWriteCookies,
    'authors.x',
  ],
  ['cookies in a query of it', withProcedure(alone('auth.x', 'query')), onlyMutationsOfAuthWriteCookies, 'auth.x'],
  [
    'cookies in a subscription of it',
    withProcedure(alone('auth.x', 'subscription')),
    onlyMutationsOfAuthWriteCookies,
    'auth.x',
  ],
  [
    'a mutation of it beside others',
    withProcedure({ ...note, path: 'auth.deep.x' }),
    everyMutationOfAuthTravelsAlone,
    'auth.deep.x',
  ],
  [
    'a role that the app does not have',
    withProcedure({ ...purge, path: 'x', policy: 'role:owner', gates: ['protected', 'role:owner'] }),
    everyRoleIsKnown,
    'x',
  ],
  ['no way to refresh', { ...sound, procedures: [logout] }, sessionsCanBeKept, 'auth.refresh'],
  [
    'a way to refresh by query',
    { ...sound, procedures: [{ ...claims, path: 'auth.refresh' }, logout] },
    sessionsCanBeKept,
    'auth.refresh',
  ],
  ['no way to sign out', { ...sound, procedures: [refresh] }, sessionsCanBeKept, 'auth.logout'],
  ['errors in a form of its own', { ...sound, hasOurFormatter: false }, reasonsReachTheClient, 'trpcOptions'],
];

test.each(table)('%s is refused, in one line that says so', (_what, description, check, named) => {
  const line = check(description, given);
  expect(line).toContain(named);
  expect(line).not.toContain('\n');
  expect(ROUTER_CHECKS.flatMap((each) => each(description, given) ?? [])).toEqual([line]);
});

test('each check has a case that it alone refuses', () => {
  expect(new Set(table.map(([, , check]) => check))).toEqual(new Set(ROUTER_CHECKS));
});

test('a sound router passes every check', () => {
  expect(ROUTER_CHECKS.flatMap((check) => check(sound, given) ?? [])).toEqual([]);
});

test('every procedure of the stack keeps its policy', () => {
  expect(Object.fromEntries(policiesOf(testRouter))).toEqual({
    'auth.register': 'public',
    'auth.login': 'public',
    'auth.refresh': 'public',
    'auth.logout': 'public',
    'auth.claims': 'protected',
    'auth.methods': 'public',
    'auth.pending': 'public',
    'auth.deleteAccount': 'fresh',
    'events.list': 'protected',
    'factors.list': 'protected',
    'user.export': 'fresh',
    'auth.reauthenticate': 'protected',
    'auth.changePassword': 'fresh',
    'auth.requestPasswordReset': 'public',
    'auth.resetPassword': 'public',
    'auth.verifyEmail': 'public',
    'auth.revertEmail': 'public',
    'user.resendVerification': 'protected',
    'user.changeEmail': 'fresh',
    'user.me': 'protected',
    'sessions.list': 'protected',
    'sessions.revoke': 'fresh',
    'sessions.revokeOthers': 'fresh',
  });
});

const bare = initTRPC.context<AuthContext>().meta<ProcedureMeta>().create(trpcOptions());

test('a label is no gate, however deep', () => {
  const labelled = (meta: ProcedureMeta) => bare.procedure.meta(meta).query(() => 1);
  const broken = router({
    fine: publicProcedure.query(() => 1),
    admin: roleProcedure('admin').query(() => 1),
    deep: bare.router({
      forgotten: bare.procedure.query(() => 1),
      open: labelled({ policy: 'public' }),
      shut: labelled({ policy: 'protected' }),
      admin: protectedProcedure.meta({ policy: 'role:admin' }).query(() => 1),
    }),
    reports: lazy(async () => ({ reports: router({}) })),
  });
  expect(() => policiesOf(broken)).toThrow(
    new TypeError(
      [
        'These routers are loaded later, so that their policies cannot be checked: reports.',
        'These procedures declare no policy: deep.forgotten. Build them on publicProcedure, protectedProcedure or roleProcedure.',
        'These procedures declare a policy that nothing in them keeps: deep.open, deep.shut, deep.admin. Build them on the procedure of that policy.',
      ].join('\n'),
    ),
  );
});

test('a gate is found behind what an app builds on it, in a root of its own', () => {
  const own = router({
    one: bare.procedure
      .concat(protectedProcedure)
      .use(({ next }) => next())
      .query(() => 1),
    two: bare.procedure
      .use(({ next }) => next())
      .concat(roleProcedure('admin'))
      .mutation(() => 1),
  });
  expect(Object.fromEntries(policiesOf(own))).toEqual({ one: 'protected', two: 'role:admin' });
});

/** An auth with the features of the router, of which nothing is asked but that. */
const withPasswords = (): Auth => {
  const auth: Auth = {
    origin: 'https://app.example',
    allowedOrigins: new Set(),
    start: async () => {},
    work: async () => {},
    stop: async () => {},
    peek: () => Promise.resolve(null),
    findUser: () => Promise.resolve(null),
    endStreams: () => {},
    isReady: () => true,
    figures: () => {
      throw new Error('Nobody asked for them.');
    },
  };
  for (const feature of ['passwords', 'mail', 'recovery', 'audit']) createSlot(feature, '').fill(auth, {});
  rolesSlot.fill(auth, DEFAULT_ROLES);
  return auth;
};

test('a router has to fit its auth', () => {
  const fitting = withPasswords();
  const auth = { ...coreRouters.auth, ...passwordRouters.auth };
  expect(checkRouter(testRouter, fitting)).toEqual(
    new Set([
      'auth.register',
      'auth.login',
      'auth.refresh',
      'auth.logout',
      'auth.pending',
      'auth.deleteAccount',
      'auth.reauthenticate',
      'auth.changePassword',
      ...['auth.verifyEmail', 'auth.revertEmail', 'auth.requestPasswordReset', 'auth.resetPassword'],
    ]),
  );
  const confirm = protectedCookieProcedure.mutation(() => 1);
  expect(checkRouter(router({ auth: { ...auth, confirm } }), fitting)).toContain('auth.confirm');

  const problems = (mounted: Parameters<typeof router>[0]) => () => checkRouter(router(mounted), fitting);
  const totp = cookieProcedure.meta({ policy: 'public', feature: 'totp' }).mutation(() => 1);
  expect(problems({ auth: { ...auth, totp } })).toThrow('that createAuth was not given: auth.totp.');
  expect(problems({ auth, enter: cookieProcedure.mutation(() => 1) })).toThrow('may write cookies');
  expect(problems({ auth: { ...auth, plain: protectedProcedure.mutation(() => 1) } })).toThrow('do not travel alone');
  expect(problems({ auth: passwordRouters.auth })).toThrow('The router lacks auth.refresh and auth.logout.');

  const formatted = initTRPC
    .context<AuthContext>()
    .meta<ProcedureMeta>()
    .create({ ...trpcOptions(), errorFormatter: ({ shape }) => shape });
  expect(() => checkRouter(formatted.router({ auth }), fitting)).toThrow('trpcOptions');
  const own = initTRPC
    .context<AuthContext>()
    .meta<ProcedureMeta>()
    .create(trpcOptions({ errorFormatter: ({ shape }) => ({ ...shape, app: 'ours' }) }));
  checkRouter(own.router({ auth }), fitting);
});
