import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';

const server = 'http://127.0.0.1:8080';

export default defineConfig({
  plugins: [svelte(), svelteTesting()],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    target: 'es2023',
    // The policy of the shell forbids inline scripts, and small files stay cacheable as files.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The tables of the protocol only define: what nobody reads, and zod with it, stays out of the first chunk.
    rolldownOptions: {
      treeshake: { moduleSideEffects: [{ test: /packages\/protocol\//, sideEffects: false }] },
    },
  },
  // The Host header stays that of the dev server, so that the server's origin check sees one origin.
  server: { proxy: { '/api': server, '/runtime': server } },
  test: {
    name: 'web',
    environment: 'happy-dom',
    include: ['test/**/*.test.ts'],
  },
});
