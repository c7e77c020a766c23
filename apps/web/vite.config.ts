import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const { version } = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8')) as { version: string };
const server = 'http://127.0.0.1:8080';

/**
 * The page waits for its script before it is drawn, because the script knows the theme; and the font is asked for at
 * once, and not when the style sheet has been read.
 */
function firstPaint(): Plugin {
  return {
    name: 'hanabi:first-paint',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle }) {
        const font = Object.keys(bundle ?? {}).find((file) => /inter-latin-.*\.woff2$/.test(file));
        const preload = font
          ? [
              {
                tag: 'link',
                attrs: { rel: 'preload', href: `/${font}`, as: 'font', type: 'font/woff2', crossorigin: '' },
                injectTo: 'head' as const,
              },
            ]
          : [];
        return {
          html: html.replace('<script type="module"', '<script type="module" blocking="render"'),
          tags: preload,
        };
      },
    },
  };
}

/**
 * The desktop begins without the library that reads schemas, a quarter of its code, which only modules need. One schema in
 * a file that the shell imports for a constant brings all of it back, and nobody would see it.
 */
function lightStart(): Plugin {
  return {
    name: 'hanabi:light-start',
    generateBundle(_options, bundle) {
      const seen = new Set<string>();
      const follow = (file: string): void => {
        const chunk = bundle[file];
        if (chunk?.type !== 'chunk' || seen.has(file)) return;
        seen.add(file);
        if (chunk.moduleIds.some((id) => id.includes('/node_modules/zod/'))) this.error(`${file} begins with zod`);
        chunk.imports.forEach(follow);
      };
      for (const [file, chunk] of Object.entries(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) follow(file);
    },
  };
}

export default defineConfig({
  plugins: [svelte(), svelteTesting(), firstPaint(), lightStart()],
  define: { HANABI_VERSION: JSON.stringify(version) },
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
