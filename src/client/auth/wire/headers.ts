/** As `fetch` takes them, with others in addition, whose names are in lower case. */
export const withHeaders = (init: RequestInit, others: Record<string, string>): RequestInit => ({
  ...init,
  headers: { ...Object.fromEntries(new Headers(init.headers)), ...others },
});

/** The second one is what the origin guard asks of a client that is no browser. */
export const headersWith = (token: string | undefined): Record<string, string> => ({
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  'x-latchkey': '1',
});
