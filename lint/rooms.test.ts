import { expect, test } from 'vitest';
import { brokenRule, brokenShare } from './rooms.js';

const SERVER = 'src/server/auth/';
const CLIENT = 'src/client/auth/';
const SHARED = 'src/shared/auth/';
const rule = (from: string, to: string, house = SERVER) => brokenRule(house + from, house + to);

test('a room imports those below it, and never one above', () => {
  expect(rule('sessions/sessions.ts', 'tokens/access-tokens.ts')).toBeNull();
  expect(rule('sessions/sessions.ts', 'sessions/rotation.ts')).toBeNull();
  expect(rule('tokens/access-tokens.ts', 'sessions/rotation.ts')).toMatch(/never up/);
  expect(rule('gate/gate.ts', 'clock.ts')).toBeNull();
  expect(rule('clock.ts', 'gate/gate.ts')).toMatch(/never up/);
  expect(rule('gate/gate.ts', 'create-auth.ts')).toMatch(/never up/);
  expect(rule('link/session-link.ts', 'session/session.ts', CLIENT)).toBeNull();
  expect(rule('session/session.ts', 'link/session-link.ts', CLIENT)).toMatch(/never up/);
});

test('a machine of the session engine knows only those before it, and one file ties them', () => {
  const SESSION = `${CLIENT}session/`;
  const order = ['hints', 'local-session', 'tab-lock', 'logout', 'exchanges', 'renewal', 'following', 'session'];
  for (const [place, name] of order.entries()) {
    for (const [otherPlace, other] of order.entries()) {
      if (other === name) continue;
      const broken = rule(`${name}.ts`, `${other}.ts`, SESSION);
      if (otherPlace < place) expect(broken).toBeNull();
      else expect(broken).toMatch(/never up/);
    }
  }
  expect(rule('hints.ts', 'backoff.ts', SESSION)).toBeNull();
  expect(rule('backoff.ts', 'hints.ts', SESSION)).toMatch(/never up/);
  expect(rule('another.ts', 'hints.ts', SESSION)).toMatch(/no room/);
});

test('the core never imports a feature, whatever stands at its top', () => {
  for (const from of ['create-auth.ts', 'index.ts', 'sessions/admit.ts', 'clock.ts']) {
    expect(rule(from, 'features/passwords/index.ts')).toMatch(/never imports a feature/);
  }
});

test('the hook of a feature stands with React, and is of the feature', () => {
  expect(rule('react/features/step-up.ts', 'features/step-up/index.ts', CLIENT)).toBeNull();
  expect(rule('react/features/step-up.ts', 'react/auth-context.ts', CLIENT)).toBeNull();
  expect(rule('react/features/step-up.ts', 'features/passkeys/ceremony.ts', CLIENT)).toMatch(/through its index/);
  expect(rule('react/index.tsx', 'react/features/step-up.ts', CLIENT)).toMatch(/never imports a feature/);
});

test('a feature imports the seam, the rooms, and another feature through its face', () => {
  expect(rule('features/passwords/index.ts', 'feature.ts')).toBeNull();
  expect(rule('features/passwords/login.ts', 'accounts/accounts.ts')).toBeNull();
  expect(rule('features/passwords/login.ts', 'features/passwords/attempts.ts')).toBeNull();
  expect(rule('features/recovery/index.ts', 'features/mail/index.ts')).toBeNull();
  expect(rule('features/recovery/index.ts', 'features/mail/outbox.ts')).toMatch(/through its index/);
  expect(rule('features/passwords/login.ts', 'create-auth.ts')).toMatch(/never up/);
});

test('what both halves know has features too, which only its face and each other import', () => {
  expect(rule('features/recovery.ts', 'schemas.ts', SHARED)).toBeNull();
  expect(rule('features/recovery.ts', 'features/mail.ts', SHARED)).toBeNull();
  expect(rule('index.ts', 'features/mail.ts', SHARED)).toBeNull();
  expect(rule('refusals.ts', 'features/mail.ts', SHARED)).toMatch(/never imports a feature/);
  expect(rule('refusals.ts', 'index.ts', SHARED)).toMatch(/never up/);
  expect(rule('features/mail.ts', 'index.ts', SHARED)).toMatch(/never up/);
  expect(rule('text.ts', 'reasons.ts', SHARED)).toMatch(/no room/);
});

test('a half imports what it shares by the file that has it, and a feature only its own', () => {
  const share = (from: string, to: string, typeOnly = false) => brokenShare({ from, to: SHARED + to, typeOnly });
  expect(share(`${SERVER}gate/gate.ts`, 'reasons.ts')).toBeNull();
  expect(share(`${SERVER}gate/gate.ts`, 'index.ts', true)).toBeNull();
  expect(share(`${SERVER}gate/gate.ts`, 'index.ts')).toMatch(/its own file/);
  expect(share(`${CLIENT}link/calls.ts`, 'index.ts')).toMatch(/its own file/);
  expect(share(`${SERVER}features/mail/index.ts`, 'index.ts')).toMatch(/its own file/);
  expect(share(`${SERVER}gate/gate.ts`, 'features/mail.ts', true)).toMatch(/never imports a feature/);
  expect(share(`${SERVER}features/mail/index.ts`, 'features/mail.ts')).toBeNull();
  expect(share(`${CLIENT}react/features/mail.ts`, 'features/mail.ts')).toBeNull();
  expect(share(`${SERVER}features/mail/index.ts`, 'features/audit.ts')).toMatch(/no other/);
  expect(share(`${SERVER}command/user-commands.ts`, 'features/passwords.ts')).toBeNull();
  expect(share('src/server/notes/notes.ts', 'index.ts')).toBeNull();
});

test('a room within a room is reached by the top alone', () => {
  expect(rule('store/postgres/pool.ts', 'store/postgres/url.ts')).toBeNull();
  expect(rule('store/postgres/pool.ts', 'store/tables.ts')).toBeNull();
  expect(rule('postgres.ts', 'store/postgres/open.ts')).toBeNull();
  expect(rule('store/postgres/pool.ts', 'store/sqlite/open.ts')).toMatch(/room of its own/);
  expect(rule('store/migrate.ts', 'store/sqlite/open.ts')).toMatch(/room of its own/);
});

test('the command of the shell is made of rooms, of features, and of what administrates accounts without keys', () => {
  expect(rule('command/run-command.ts', 'features/mail/mail-migrations.ts')).toBeNull();
  expect(rule('command/run-user-command.ts', 'create-administration.ts')).toBeNull();
  expect(rule('command/run-command.ts', 'create-auth.ts')).toMatch(/made of rooms/);
});

test('a file that stands in no room is found', () => {
  expect(rule('helpers/text.ts', 'clock.ts')).toMatch(/no room/);
  expect(rule('gate/gate.ts', 'util.ts')).toMatch(/no room/);
});

test('what is no auth folder has no rooms', () => {
  expect(brokenRule('src/server/main.ts', 'src/server/auth/index.ts')).toBeNull();
  expect(brokenRule('src/server/notes/notes.ts', 'src/server/notes/note-tables.ts')).toBeNull();
});
