import { headers } from 'next/headers';
import { auth } from '../server/auth.ts';
import { Client } from './client.tsx';

export default async function Page() {
  const user = await auth.peek({ headers: await headers() });
  return <Client rendered={user} />;
}
