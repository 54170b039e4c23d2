import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestAuth, type TestAuth } from '#testing/auth.ts';
import { eachStore, type TestStore } from '#testing/each-store.ts';
import type { AuthTables } from '../store/tables.ts';
import { decideRotation } from './rotation.ts';
import { createSessionStore, type SessionStore } from './session-store.ts';
import type { StoredSession } from './stored-session.ts';

const LEEWAY = 30_000;
const POLICY = { leewayMs: LEEWAY, idleTtlMs: 7 * 24 * 60 * 60 * 1000 };

describe.each(eachStore)('on $dialect, of two refreshes that have both read the session', ({ open }) => {
  let store: TestStore;
  let kit: TestAuth;
  let sessions: SessionStore;
  let now: number;

  /** Somebody whose last answer was lost: generation 1 is confirmed, and 2 was made. */
  const find = async (): Promise<StoredSession> => {
    const { sid, user_id: userId } = await database().selectFrom('auth_sessions').selectAll().executeTakeFirstOrThrow();
    const session = await sessions.find({ sid, userId });
    if (session === undefined) throw new Error('There is no session.');
    return session;
  };
  const database = () => store.database.db.withTables<AuthTables>();
  const decide = ({ state }: StoredSession, gen: number, at: number) => {
    const outcome = decideRotation(state, { gen, expiresAt: state.idleEndsAt }, at, POLICY);
    if (!('next' in outcome)) throw new Error(`It was decided as ${outcome.kind}.`);
    return outcome;
  };

  beforeEach(async () => {
    store = await open();
    kit = await createTestAuth(store);
    sessions = createSessionStore(database());
    const browser = kit.openBrowser();
    await browser.register('ada');
    kit.clock.advance(60 * 60 * 1000);
    await browser.refresh();
    now = kit.clock.now();
  });
  afterEach(async () => {
    await kit.stop();
    await store.remove();
  });

  test('a fork voids nothing that a replay has handed out just before it', async () => {
    const [early, late] = [await find(), await find()];
    const replay = decide(early, 1, now + LEEWAY - 1);
    const fork = decide(late, 1, now + LEEWAY);
    expect([replay.kind, fork.kind]).toEqual(['replay', 'fork']);
    expect(await sessions.advance(database(), early, { state: replay.next })).toBe(true);
    expect(await sessions.advance(database(), late, { state: fork.next })).toBe(false);
    expect(decide(await find(), 1, now + LEEWAY).kind).toBe('replay');
  });

  test('a void generation ends nothing while a replay has just opened the window again', async () => {
    const fork = decide(await find(), 1, now + LEEWAY);
    expect(await sessions.advance(database(), await find(), { state: fork.next })).toBe(true);
    const [early, late] = [await find(), await find()];
    const replay = decide(early, 1, now + 2 * LEEWAY - 1);
    expect(decideRotation(late.state, { gen: 2, expiresAt: late.state.idleEndsAt }, now + 2 * LEEWAY, POLICY)).toEqual({
      kind: 'reuse',
    });
    expect(await sessions.advance(database(), early, { state: replay.next })).toBe(true);
    const ending = { now: now + 2 * LEEWAY };
    expect(
      await sessions.revokeUnchanged(database(), late, 'reuse', { ...ending, restsOnWindow: true }),
    ).toBeUndefined();
    expect(
      await sessions.revokeUnchanged(database(), late, 'reuse', { ...ending, restsOnWindow: false }),
    ).toBeDefined();
  });

  test('a rotation goes through whatever replays come in between', async () => {
    const [early, late] = [await find(), await find()];
    const replay = decide(early, 1, now + LEEWAY - 1);
    const rotation = decide(late, 2, now + LEEWAY);
    expect([replay.kind, rotation.kind]).toEqual(['replay', 'rotate']);
    expect(await sessions.advance(database(), early, { state: replay.next })).toBe(true);
    expect(await sessions.advance(database(), late, { state: rotation.next })).toBe(true);
  });

  test('the window never moves back where the clocks of two processes differ', async () => {
    const [ahead, behind] = [await find(), await find()];
    expect(await sessions.advance(database(), ahead, { state: decide(ahead, 1, now + 20_000).next })).toBe(true);
    expect(await sessions.advance(database(), behind, { state: decide(behind, 1, now + 11_000).next })).toBe(true);
    expect((await find()).state.handedAt).toBe(now + 20_000);
  });
});
