'use client';

import type { User } from 'latchkey/shared';
import { App } from '../web/app.tsx';
import { createClients } from '../web/clients.ts';

const clients = createClients('/api/trpc');

export const Client = ({ rendered }: { rendered: User | null }) => <App clients={clients} rendered={rendered} />;
