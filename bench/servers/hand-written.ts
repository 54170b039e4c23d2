import cookieParser from 'cookie-parser';
import express from 'express';
import { openHandWrittenSessions } from './hand-written-sessions.ts';
import { serve } from './serve.ts';

/** The refresh that costs the least as endpoints of Express. */
const sessions = await openHandWrittenSessions();

const app = express();
app.use(cookieParser());

app.post('/login', async (_req, res) => {
  res.json(await sessions.start(res));
});

app.post('/refresh', async (req, res) => {
  const grant = await sessions.refresh(req, res);
  if (grant === undefined) res.status(401).json({ error: 'unauthorized' });
  else res.json(grant);
});

serve(app);
