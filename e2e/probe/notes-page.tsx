import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCReact } from '@trpc/react-query';
import { createAuthClient, leaveUser, queryDefaults } from 'latchkey/client';
import { AuthProvider, useAuth } from 'latchkey/react';
import { memo } from 'react';
import { createRoot } from 'react-dom/client';
import type { AppRouter } from '#server/routers/index.ts';

const auth = createAuthClient({ url: '/api/trpc' });
const queryClient = new QueryClient(queryDefaults(auth));
auth.onIdentityChange(() => leaveUser(queryClient));

const trpc = createTRPCReact<AppRouter>();
const trpcClient = trpc.createClient({ links: auth.links<AppRouter>() });
const INPUT = { limit: 20 };

const Who = () => {
  const session = useAuth();
  return <h1>{session.status === 'authenticated' ? session.user.username : session.status}</h1>;
};

/** Stays mounted whichever user comes, and is never rendered from above. Its mutation is optimistic, and retried. */
const Notes = memo(() => {
  const list = trpc.useUtils().notes.list;
  const { data } = trpc.notes.list.useQuery(INPUT);
  const add = trpc.notes.create.useMutation({
    retry: 3,
    async onMutate({ text }) {
      await list.cancel();
      const before = list.getData(INPUT);
      const note = { id: 'new', text, createdAt: new Date().toISOString() };
      list.setData(INPUT, (page) => page && { ...page, notes: [note, ...page.notes] });
      return before;
    },
    onError: (_error, _note, before) => list.setData(INPUT, before),
    onSettled: () => list.invalidate(),
  });

  return (
    <>
      <button type="button" onClick={() => add.mutate({ text: 'a note of the first' })}>
        Add
      </button>
      <p role="status">
        {add.status}, {add.failureCount} failed
      </p>
      <ul aria-label={data ? 'Notes' : 'Waiting'}>
        {data?.notes.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
    </>
  );
});

/** What the tests drive, beside what the page shows. */
const probe = {
  signUp: auth.signUp,
  signOut: auth.signOut,
  texts: async (): Promise<string[]> => (await trpcClient.notes.list.query(INPUT)).notes.map(({ text }) => text),
};

declare global {
  interface Window {
    notesPage: typeof probe;
  }
}

window.notesPage = probe;
createRoot(document.body.appendChild(document.createElement('main'))).render(
  <AuthProvider auth={auth}>
    <trpc.Provider client={trpcClient} queryClient={queryClient}>
      <QueryClientProvider client={queryClient}>
        <Who />
        <Notes />
      </QueryClientProvider>
    </trpc.Provider>
  </AuthProvider>,
);
