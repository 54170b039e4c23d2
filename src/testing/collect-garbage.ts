import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Frees what nothing holds any more, at once, so that weak references tell. */
export const collectGarbage = async (): Promise<void> => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('There is no collector.');
  // What was looked at in this turn of the event loop is kept to its end.
  await new Promise((resolve) => setImmediate(resolve));
  Reflect.apply(collect, undefined, []);
};
