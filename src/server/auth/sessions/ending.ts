import type { RevocationCause } from '../../../shared/auth/index.ts';
import type { Initiator } from '../events.ts';
import { changeAndRecord, type RecordEvents } from '../store/recording.ts';
import type { AuthDatabase } from '../store/tables.ts';
import { endedEvents } from './announce-ended.ts';
import type { EndedSession } from './session-store.ts';

export const listOf = (ended: EndedSession | undefined): EndedSession[] => (ended === undefined ? [] : [ended]);

/** Ends sessions by one statement, with the record of it: both or neither. The caller announces it then. */
export const createEnding =
  (recording: { database: AuthDatabase; record: RecordEvents }) =>
  <TEnded>(
    initiator: Initiator,
    cause: RevocationCause,
    revoke: (db: AuthDatabase) => Promise<TEnded>,
    endedOf: (result: TEnded) => readonly EndedSession[],
  ): Promise<TEnded> =>
    changeAndRecord(recording, initiator, revoke, (result) => endedEvents(endedOf(result), cause));
