import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  worker: { format: 'es' },
  // the tables lie beside the app, in the repository's data folder
  server: { fs: { allow: ['../..'] } },
});
