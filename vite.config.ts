import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig(({ command, isSsrBuild }) => {
  // Whatever the shell has: in a container for development the page would be built for that.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return isSsrBuild
    ? {
        // The server and its shell command: our own code in one folder, libraries left where they are installed. Only
        // Kysely comes along: it is hundreds of modules, and reading them one by one takes a quarter of a start.
        ssr: { noExternal: ['kysely'] },
        build: {
          outDir: 'dist/server',
          emptyOutDir: true,
          copyPublicDir: false,
          target: 'node20',
          sourcemap: true,
          rolldownOptions: {
            input: ['src/server/main.ts', 'src/server/command.ts'],
            output: { entryFileNames: '[name].js' },
          },
        },
      }
    : {
        plugins: [react(), tailwindcss()],
        build: {
          outDir: 'dist/client',
          emptyOutDir: true,
          // Every file a file: the content security policy knows no `data:` scripts, styles or fonts.
          assetsInlineLimit: 0,
          rolldownOptions: {
            output: {
              // What has to run before all else is in the chunk that all others import: the link is taken out of the
              // address, and zod is set up before anything makes a schema.
              codeSplitting: {
                groups: [{ name: 'first', test: /\/node_modules\/zod\/|\/src\/client\/(?:no-eval|mailed-links)\.ts$/ }],
              },
            },
          },
        },
      };
});
