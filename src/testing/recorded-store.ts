import type { CompiledQuery } from 'kysely';
import type { Store } from 'latchkey/server';
import { createStore } from '#server/database/index.ts';
import { eachStore, openPostgres, type TestStore } from './each-store.ts';

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

export const openRecordedPostgres = (): Promise<RecordedStore> => openRecorded(openPostgres);

export const eachRecordedStore = eachStore.map(({ dialect, open }) => ({ dialect, open: () => openRecorded(open) }));

/** What only opens, keeps or undoes a transaction. */
export const isTransactionControl = ({ sql }: CompiledQuery): boolean => /^(?:begin|commit|rollback)\b/i.test(sql);
