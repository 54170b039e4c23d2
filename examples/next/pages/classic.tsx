import type { User } from 'latchkey/shared';
import type { GetServerSideProps } from 'next';
import { auth } from '../server/auth.ts';
import { App } from '../web/app.tsx';
import { createClients } from '../web/clients.ts';

const clients = createClients('/api/classic');

export const getServerSideProps: GetServerSideProps<{ rendered: User | null }> = async ({ req }) => ({
  props: { rendered: await auth.peek(req) },
});

export default function Classic({ rendered }: { rendered: User | null }) {
  return <App clients={clients} rendered={rendered} />;
}
