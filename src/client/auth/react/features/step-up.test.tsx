// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider, useMutation, useQuery } from '@tanstack/react-query';
import { act, cleanup, render } from '@testing-library/react';
import { createTRPCUntypedClient } from '@trpc/client';
import { StrictMode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { isIdentityChanged, leaveUser, queryDefaults, reasonOf } from '../../index.ts';
import { createAuthKit } from '../../testing/index.ts';
import { AuthProvider } from '../index.tsx';
import { type OpenReauthentication, useReauthentication } from './step-up.ts';

afterEach(cleanup);

/** An app with TanStack Query whose user signed in too long ago for what they are about to do. */
const renderPage = async () => {
  const carryOut = vi.fn<(call: { input: unknown }) => unknown>(({ input }) => input);
  const kit = createAuthKit({ freshProcedures: { 'notes.purge': carryOut } });
  kit.signedIn('ada');
  const { auth } = kit.openTab();
  const client = createTRPCUntypedClient({ links: auth.links() });
  const queryClient = new QueryClient(queryDefaults(auth));
  auth.onIdentityChange(() => leaveUser(queryClient));

  let prompt: OpenReauthentication | null = null;
  let prompts = 0;
  let purge: (input: number) => Promise<unknown> = () => Promise.reject(new Error('Nothing is rendered.'));
  const Asking = () => {
    const next = useReauthentication();
    if (next !== null && next !== prompt) prompts += 1;
    prompt = next;
    return null;
  };
  const Page = () => {
    purge = useMutation({ mutationFn: (input: number) => client.mutation('notes.purge', input) }).mutateAsync;
    useQuery({ queryKey: ['purged'], queryFn: () => client.query('notes.purge', 'in the background') });
    return null;
  };
  const page = (isAsking: boolean) => (
    <StrictMode>
      <AuthProvider auth={auth}>
        <QueryClientProvider client={queryClient}>
          <Page />
          {isAsking && <Asking />}
        </QueryClientProvider>
      </AuthProvider>
    </StrictMode>
  );
  const settle = () => act(kit.settle);
  const { rerender } = render(page(true));
  await settle();
  kit.expireProofs();

  return {
    kit,
    auth,
    carryOut,
    settle,
    queryClient,
    stopAsking: () => rerender(page(false)),
    prompt: () => prompt,
    prompts: () => prompts,
    /** Begins so many mutations, whose outcomes are told in the end. */
    purge: (count: number) => Promise.allSettled(Array.from({ length: count }, (_, index) => purge(index))),
  };
};

const failureOf = (outcome: PromiseSettledResult<unknown> | undefined): unknown =>
  outcome?.status === 'rejected' ? outcome.reason : undefined;

test('20 mutations of a page open one prompt, and each is carried out once', async () => {
  const { purge, prompt, prompts, settle, carryOut } = await renderPage();
  carryOut.mockClear();
  const outcomes = purge(20);
  await settle();
  expect(prompt()).toMatchObject({ maxAge: 600, methods: ['password'] });
  await act(async () => prompt()?.confirm({ password: 'right' }));
  await settle();
  expect((await outcomes).every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(carryOut).toHaveBeenCalledTimes(20);
  expect(prompts()).toBe(1);
  expect(prompt()).toBeNull();
});

test('a query that is fetched in the background asks nobody', async () => {
  const { queryClient, prompts, settle } = await renderPage();
  void queryClient.refetchQueries();
  await settle();
  expect(reasonOf(queryClient.getQueryState(['purged'])?.error)).toBe('reauthentication_required');
  expect(prompts()).toBe(0);
});

test('a wrong password rejects, and leaves the prompt open for another try', async () => {
  const { purge, prompt, settle } = await renderPage();
  const outcomes = purge(1);
  await settle();
  const open = prompt();
  let error: unknown;
  await act(async () => {
    error = await open?.confirm({ password: 'wrong' }).catch((refused: unknown) => refused);
  });
  expect(reasonOf(error)).toBe('invalid_credentials');
  expect(prompt()).toBe(open);
  await act(async () => open?.confirm({ password: 'right' }));
  await settle();
  expect(await outcomes).toEqual([{ status: 'fulfilled', value: 0 }]);
});

test('a prompt that is cancelled refuses what waits, and the next mutation opens another', async () => {
  const { purge, prompt, prompts, settle } = await renderPage();
  const outcomes = purge(2);
  await settle();
  act(() => prompt()?.cancel());
  await settle();
  for (const outcome of await outcomes) expect(reasonOf(failureOf(outcome))).toBe('reauthentication_required');
  expect(prompt()).toBeNull();
  void purge(1);
  await settle();
  expect(prompts()).toBe(2);
  expect(prompt()).not.toBeNull();
});

test('a component that is gone half-way leaves no mutation waiting', async () => {
  const { purge, prompt, settle, stopAsking } = await renderPage();
  const outcomes = purge(1);
  await settle();
  expect(prompt()).not.toBeNull();
  stopAsking();
  await settle();
  expect(reasonOf(failureOf((await outcomes)[0]))).toBe('reauthentication_required');
});

test('a sign-out closes the prompt, and what waited is dropped for good', async () => {
  const { auth, purge, prompt, settle, carryOut } = await renderPage();
  const outcomes = purge(3);
  await settle();
  carryOut.mockClear();
  await act(async () => auth.signOut());
  await settle();
  expect(prompt()).toBeNull();
  for (const outcome of await outcomes) expect(isIdentityChanged(failureOf(outcome))).toBe(true);
  await act(async () => auth.signIn({ username: 'bob', password: 'x' }));
  await settle();
  expect(carryOut.mock.calls.filter(([{ input }]) => typeof input === 'number')).toEqual([]);
});

test('without a provider above the hook says what it needs', () => {
  const Alone = () => {
    useReauthentication();
    return null;
  };
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(() => render(<Alone />)).toThrow('useReauthentication needs an AuthProvider.');
});
