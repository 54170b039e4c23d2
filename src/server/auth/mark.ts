/** What the stack notes of an object that is somebody else's: an error, a request. */
export interface Mark<TValue> {
  put(object: object, value: TValue): void;
  of(object: object): TValue | undefined;
}

/**
 * Makes a mark. It is kept at the object under a registered symbol: a bundler may give one process two copies of this
 * module, and what one of them has noted the other has to know. Nothing from outside can bear it, since no JSON names a
 * symbol; no log shows it, and no copy takes it along. An object that takes no more properties stays without.
 */
export const createMark = <TValue>(name: string): Mark<TValue> => {
  const key = Symbol.for(`latchkey.${name}`);
  return {
    put: (object, value) => {
      Reflect.defineProperty(object, key, { value, configurable: true });
    },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else knows the key
    of: (object) => Reflect.get(object, key) as TValue | undefined,
  };
};
