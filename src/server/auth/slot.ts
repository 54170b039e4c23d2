import type { Auth } from './auth.ts';

/**
 * Where static code, such as a router, finds a service of the `Auth` in its context. Services stay out of `Auth`'s
 * type, so that routers are plain values and `typeof appRouter` is tRPC's own type.
 */
export interface Slot<TService> {
  /** Puts the service in its place. Once for each `Auth`. */
  fill(auth: Auth, service: TService): void;
  /** @throws TypeError when nobody has filled it, with the words that the slot was made with. */
  of(auth: Auth): TService;
}

const keyOf = (name: string): symbol => Symbol.for(`latchkey.${name}`);

/** Whether somebody has filled the slot of the name: that of a feature, if it was given. */
export const isSlotFilled = (auth: Auth, name: string): boolean => keyOf(name) in auth;

/**
 * Makes a slot. It is kept at the instance under a registered symbol: a bundler may give one process two copies of this
 * module, and what one of them fills the other has to find.
 * @param name names the service in the whole process.
 * @param missing the message of the error when the slot is empty.
 */
export const createSlot = <TService>(name: string, missing: string): Slot<TService> => {
  const key = keyOf(name);
  return {
    fill: (auth, service) => {
      Object.defineProperty(auth, key, { value: service });
    },
    of: (auth) => {
      const service: unknown = Reflect.get(auth, key);
      if (service === undefined) throw new TypeError(missing);
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- nobody else knows the key
      return service as TService;
    },
  };
};

/** A slot of the core, which `createAuth` always fills. */
export const createCoreSlot = <TService>(name: string): Slot<TService> =>
  createSlot(name, 'This is not an auth made by createAuth.');
