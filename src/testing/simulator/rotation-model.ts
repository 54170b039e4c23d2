import { decideRotation, type RotationState } from '#server/auth/sessions/rotation.ts';
import { type Corner, createLineage } from './lineage.ts';
import { IN_TIME, LEEWAY, POLICY, SERVER_SKEW } from './rules.ts';
import { createWatch } from './violations.ts';

const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;

/** A refresh on its way: the generation that it presents, and then the one that it is answered with. */
interface Flight {
  holder: Holder;
  gen: number;
  answer: number | null;
  /** When it was sent, and then when it was answered. */
  since: number;
}

/**
 * A place where a refresh token is kept: a browser's cookie, that all its tabs present as they like; or a thief's copy.
 */
interface Holder {
  gen: number;
}

export interface ModelFigures {
  steps: number;
  refreshes: number;
  forks: number;
  replays: number;
  corners: Partial<Record<Corner, number>>;
  reuses: number;
}

/** Moments, windows, and now and then many of them. */
const WAITS = [1, 3, 10, 20, 29, 30, 31, 45, 130, 600].map((seconds) => seconds * SECOND);

const firstRow: RotationState = {
  issued: 1,
  confirmed: 0,
  issuedAt: START,
  handedAt: START,
  forks: 0,
  idleEndsAt: START + POLICY.idleTtlMs,
  absoluteEndsAt: START + 10 * POLICY.absoluteTtlMs,
  revokedCause: null,
};

/**
 * The rotation by itself: any number of tabs that present the cookie whenever they like, without waiting for each
 * other, answers that are lost or late, and servers whose clocks differ. Each number is a step.
 * @throws ViolationError when an honest browser loses its session, or a thief keeps it.
 */
export const runRotationModel = (
  steps: readonly number[],
  { hasThief }: { hasThief: boolean },
  figures: ModelFigures,
): void => {
  const watch = createWatch();
  const lineage = createLineage(watch);
  const owner: Holder = { gen: 1 };
  const thief: Holder = { gen: 1 };
  let stolen = thief.gen;
  let row = firstRow;
  let now = START;
  let flights: Flight[] = [];

  const latenessOf = ({ answer }: Flight): number => (answer === null ? IN_TIME.request : IN_TIME.answer);

  const arrive = (flight: Flight, skew: number): void => {
    const serverNow = now + skew;
    const { gen } = flight;
    const { issued, confirmed, handedAt } = row;
    figures.refreshes += 1;
    const outcome = decideRotation(row, { gen, expiresAt: row.idleEndsAt }, serverNow, POLICY);
    const isVoid = gen < confirmed || (gen !== confirmed && gen < issued);
    if (isVoid && serverNow - handedAt >= LEEWAY && outcome.kind !== 'reuse') {
      watch.violated('theft', `generation ${gen} was answered at ${JSON.stringify(row)}`);
    }
    if (!('next' in outcome)) {
      row = { ...row, revokedCause: 'reuse' };
      if (hasThief) return;
      const corner = lineage.cornerAt(now);
      if (corner === null) watch.violated('honest', `reuse was found at ${JSON.stringify(row)}`);
      else figures.corners[corner] = (figures.corners[corner] ?? 0) + 1;
      return;
    }
    if (outcome.kind === 'fork') figures.forks += 1;
    if (outcome.kind === 'replay') figures.replays += 1;
    lineage.onAdvance(row, outcome.next);
    row = outcome.next;
    flight.answer = row.issued;
    flight.since = now;
  };

  const act = (step: number): void => {
    const rest = Math.floor(step / 16);
    const kind = step % 16;
    const index = flights.length === 0 ? 0 : rest % flights.length;
    const flight = flights[index];
    if (kind < 4) {
      const isThief = hasThief && rest % 3 === 0;
      const turn = Math.floor(rest / 3);
      if (isThief && turn % 16 === 0) thief.gen = stolen = owner.gen;
      const holder = isThief ? thief : owner;
      // A thief presents what they got last, or what they stole: who only ever does one of the two is among them.
      const gen = isThief && turn % 2 === 0 ? stolen : holder.gen;
      flights.push({ holder, gen, answer: null, since: now });
    } else if (kind < 6) {
      now += (WAITS[rest % WAITS.length] ?? 0) * (1 / (1 + (Math.floor(rest / 16) % 4)));
    } else if (flight !== undefined && kind < 14 && now - flight.since < latenessOf(flight)) {
      if (flight.answer === null) return arrive(flight, rest % 2 === 0 ? 0 : SERVER_SKEW);
      // What is replayed to a browser that has it writes no cookie.
      if (flight.holder !== owner || flight.answer !== flight.gen) flight.holder.gen = flight.answer;
      flights = flights.toSpliced(index, 1);
    } else {
      flights = flights.toSpliced(index, 1);
    }
  };

  for (const step of steps) {
    act(step);
    figures.steps += 1;
    watch.report();
    if (row.revokedCause === null) continue;
    figures.reuses += 1;
    return;
  }
};
