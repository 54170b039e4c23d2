import type { RotationState } from '#server/auth/sessions/rotation.ts';
import { IN_TIME, LEEWAY, SERVER_SKEW } from './rules.ts';
import type { Watch } from './violations.ts';

/** What became of one session's refresh tokens, told from its writes alone, without asking the rules. */
export interface Lineage {
  /** Checks a write and takes it in. */
  onAdvance: (from: RotationState, to: RotationState) => void;
  /** The known corner in which an honest session may end, if this is one. */
  cornerAt: (now: number) => Corner | null;
  /** The store has forgotten the write. */
  onLost: (lost: RotationState, before: RotationState) => void;
}

export type Corner =
  | 'every answer lost for over four leeways, and then tabs at once'
  | 'failover in the middle of a fork';

export const createLineage = (watch: Watch): Lineage => {
  /** The generation that was presented to make each. */
  const parents = new Map<number, number>();
  let cappedAt = Number.NEGATIVE_INFINITY;
  let hasLostWrites = false;
  let hasLostFork = false;

  return {
    onAdvance(from, to) {
      const isRecovery = to.issued > from.issued && to.issued !== from.issued + 1;
      if (to.issued <= from.issued || isRecovery) return;

      const isRotation = to.confirmed > from.confirmed;
      if (isRotation && (parents.get(to.confirmed) ?? from.confirmed) !== from.confirmed) {
        watch.violated('successor', `${to.confirmed} was made beside ${from.confirmed}, and both have successors`);
      }
      if (!hasLostWrites && to.issuedAt - from.issuedAt < LEEWAY - SERVER_SKEW) {
        watch.violated('rotation', `${to.issued} was made ${to.issuedAt - from.issuedAt} ms after ${from.issued}`);
      }
      if (!hasLostWrites && to.forks !== (isRotation ? 0 : from.forks + 1)) {
        watch.violated('theft', `${to.forks} forks were counted after ${from.forks}`);
      }
      parents.set(to.issued, to.confirmed);
      if (isRotation && to.issuedAt - from.handedAt < LEEWAY) cappedAt = to.issuedAt;
    },
    cornerAt(now) {
      if (now - cappedAt <= IN_TIME.request + IN_TIME.answer) {
        return 'every answer lost for over four leeways, and then tabs at once';
      }
      return hasLostFork ? 'failover in the middle of a fork' : null;
    },
    onLost(lost, before) {
      hasLostWrites = true;
      hasLostFork ||= lost.issued > before.issued && lost.confirmed === before.confirmed;
      parents.clear();
    },
  };
};
