import type { CompiledQuery } from 'kysely';
import type { Store } from 'latchkey/server';
import { createStore } from '#server/database/index.ts';
import { type EachStore, eachEmptyStore, eachStore, openEmptyPostgres, type TestStore } from './each-store.ts';

export interface RecordedStore extends TestStore {
  /** What the work executes, in order. */
  record(work: () => Promise<unknown>): Promise<CompiledQuery[]>;
}

/** What the stores of `eachStore` are, with an ear at each statement. */
const openRecorded = async (open: () => Promise<TestStore>): Promise<RecordedStore> => {
  const store = await open();
  let heard: CompiledQuery[] = [];
  const database: Store = createStore({ ...store.location, onStatement: (one) => heard.push(one) });
  return {
    ...store,
    database,
    record: async (work) => {
      heard = [];
      await work();
      return heard;
    },
    remove: async () => {
      await database.close();
      await store.remove();
    },
  };
};

const recorded = (stores: readonly EachStore[]) =>
  stores.map(({ dialect, open }) => ({ dialect, open: () => openRecorded(open) }));

export const openEmptyRecordedPostgres = (): Promise<RecordedStore> => openRecorded(openEmptyPostgres);

export const eachRecordedStore = recorded(eachStore);

export const eachEmptyRecordedStore = recorded(eachEmptyStore);

/** What only opens, keeps or undoes a transaction. */
export const isTransactionControl = ({ sql }: CompiledQuery): boolean => /^(?:begin|commit|rollback)\b/i.test(sql);
