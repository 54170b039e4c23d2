/** The promises that are checked after every step, as the reports name them. */
export const CHECKS = {
  honest: 'an honest user is never logged out',
  successor: 'never two live successors',
  rotation: 'at most one rotation a leeway',
  retry: 'a call is never sent again whose resolver may have run',
  waiters: 'every waiter settles',
  flight: 'at most one refresh in flight a tab',
  identity: 'a call is never carried out for another user than the one who made it',
  theft: 'a voided generation ends the session',
  logout: 'nothing lives after logout',
  elevation: 'nobody is proven by what somebody else has proven',
} as const;

export type Check = keyof typeof CHECKS;

class ViolationError extends Error {
  override readonly name = 'ViolationError';
  readonly check: Check;

  constructor(check: Check, details: string) {
    super(`${CHECKS[check]}: ${details}`);
    this.check = check;
  }
}

/**
 * Keeps the first violation until the step is over: thrown inside the engine, it would pass for a failure of the
 * network.
 */
export const createWatch = () => {
  let first: ViolationError | null = null;
  return {
    violated(check: Check, details: string): void {
      first ??= new ViolationError(check, details);
    },
    /** @throws ViolationError */
    report(): void {
      if (first !== null) throw first;
    },
  };
};

export type Watch = ReturnType<typeof createWatch>;
