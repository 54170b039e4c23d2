import type { NextConfig } from 'next';

const config: NextConfig = {
  // They load binaries of their own. Latchkey itself is bundled: its React entries need the React of the page.
  serverExternalPackages: ['better-sqlite3', '@node-rs/argon2'],
  turbopack: { root: import.meta.dirname },
};

export default config;
