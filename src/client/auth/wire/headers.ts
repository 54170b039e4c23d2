/** The second one is what the origin guard asks of a client that is no browser. */
export const headersWith = (token: string | undefined): Record<string, string> => ({
  ...(token !== undefined && { authorization: `Bearer ${token}` }),
  'x-latchkey': '1',
});
