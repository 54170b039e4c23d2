import { sql } from 'kysely';

/**
 * A condition that always holds. It tells the triggers of its transaction that the writer announces what it ends by
 * itself, once that is committed; see `revocationTriggers` and `createAnnouncer`. A write without it is
 * announced by the triggers.
 */
export const announced = sql<boolean>`auth_announced()`;
