const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Events as a subscription brings them, by tRPC's own look at it. */
export const isIterableLater = (value: unknown): value is AsyncIterable<unknown> =>
  isObject(value) && Symbol.asyncIterator in value;

const isPromise = (value: unknown): boolean =>
  (isObject(value) || typeof value === 'function') &&
  'then' in value &&
  typeof value.then === 'function' &&
  'catch' in value &&
  typeof value.catch === 'function';

/** Whether a result, or a part of it, comes later: no answer that is sent whole can carry it. */
export const isDataStream = (data: unknown): boolean => {
  if (!isObject(data)) return false;
  if (isIterableLater(data)) return true;
  return Object.values(data).some((part) => isPromise(part) || isIterableLater(part));
};
