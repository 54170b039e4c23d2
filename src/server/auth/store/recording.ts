import { type CoreEvent, type EventSource, type FeatureEvent, type Initiator, withSource } from '../events.ts';
import type { AuthDatabase } from './tables.ts';

/** Called with events, at least one, in the transaction of what they tell. If it throws, neither is kept. */
export type Recorder = (events: readonly (EventSource & FeatureEvent)[], transaction: AuthDatabase) => Promise<void>;

/** A recorder of one that takes them singly. */
export const recordEach =
  (recordOne: (event: EventSource & FeatureEvent, transaction: AuthDatabase) => Promise<void>): Recorder =>
  async (events, transaction) => {
    for (const event of events) await recordOne(event, transaction);
  };

/**
 * Records events in the transaction of what they tell, for whichever features listen. `report` tells of the same ones
 * after the commit.
 */
export interface RecordEvents<TEvent extends FeatureEvent = CoreEvent> {
  (transaction: AuthDatabase, initiator: Initiator, events: readonly TEvent[]): Promise<void>;
  /** Whether anybody listens. Otherwise there is nothing to open a transaction for. */
  readonly isOn: boolean;
}

export const createRecording = () => {
  const recorders: Recorder[] = [];
  const record = Object.assign(
    async (transaction: AuthDatabase, initiator: Initiator, events: readonly FeatureEvent[]): Promise<void> => {
      if (events.length === 0) return;
      const told = events.map((event) => withSource(initiator, event));
      for (const recorder of recorders) await recorder(told, transaction);
    },
    { isOn: false },
  );
  return {
    record: record satisfies RecordEvents<FeatureEvent>,
    listen: (recorder: Recorder): void => {
      recorders.push(recorder);
      record.isOn = true;
    },
  };
};

/**
 * Carries out a change that is one statement, with the record of it: both or neither. Where nobody listens it costs
 * that statement alone.
 * @param tell what there is to record of what came of it.
 */
export const changeAndRecord = async <TResult, TEvent extends FeatureEvent>(
  { database, record }: { database: AuthDatabase; record: RecordEvents<TEvent> },
  initiator: Initiator,
  change: (db: AuthDatabase) => Promise<TResult>,
  tell: (result: TResult) => readonly TEvent[],
): Promise<TResult> => {
  if (!record.isOn) return await change(database);
  return await database.transaction().execute(async (transaction) => {
    const result = await change(transaction);
    await record(transaction, initiator, tell(result));
    return result;
  });
};
