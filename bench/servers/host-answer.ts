/** What every query that is compared answers with: small, so that the way to it is what is measured. */
export const HOST_ANSWER = { id: '5f0c2a1e-7d53-4b53-9f3a-6a6a0f6d1c11', name: 'Ada Lovelace' } as const;
