import { drizzle } from 'drizzle-orm/better-sqlite3';

export const FILE = 'app.sqlite';

export const db = drizzle(FILE);
