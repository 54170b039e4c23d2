import type { Store } from 'latchkey/server';
import { NOTE_CHANNEL } from './note-migrations.ts';
import type { NoteSignals } from './note-signals.ts';

/**
 * Has the listening connection of the store wake those whose notes another process has changed. Before the store's feed
 * is started.
 */
export const listenForNotes = (store: Pick<Store, 'listen'>, signals: NoteSignals): void =>
  store.listen(NOTE_CHANNEL, {
    notice: signals.wake,
    catchUp: async () => {
      signals.wakeAll();
      await Promise.resolve();
    },
  });
