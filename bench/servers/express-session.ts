import connectPgSimple from 'connect-pg-simple';
import express, { type Request } from 'express';
import session, { type Session } from 'express-session';
import pg from 'pg';
import { HOST_ANSWER } from './host-answer.ts';
import { serve } from './serve.ts';

/** express-session with its sessions in Postgres, as the documentation of both shows it. */
const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

const PostgresStore = connectPgSimple(session);

const app = express();
app.use(
  session({
    store: new PostgresStore({
      pool: new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 }),
      createTableIfMissing: true,
    }),
    secret: 'a secret of the benchmarks',
    resave: false,
    saveUninitialized: false,
    cookie: { maxAge: WEEK_MS, sameSite: 'strict' },
  }),
);

const sessionOf = (req: Request & { session?: Session }): Session => req.session ?? {};

app.post('/login', (req, res) => {
  sessionOf(req).userId = HOST_ANSWER.id;
  res.json({ ok: true });
});

app.get('/protected', (req, res) => {
  if (sessionOf(req).userId === undefined) res.status(401).json({ error: 'unauthorized' });
  else res.json(HOST_ANSWER);
});

serve(app);
