import { readdirSync } from 'node:fs';
import { defineConfig } from 'vite';

/** Each HTML file here is a page of its own: index.html is the kiosk, privacy.html is served at /privacy, and so on. */
const pages = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.html'));

// JSX is compiled by Vite itself, after tsconfig.json (Preact's automatic runtime); no plug-in is needed for a build.
export default defineConfig({
  // Addresses relative to the page: a proxy may show it below a path.
  base: './',
  build: {
    target: 'chrome110',
    outDir: 'dist',
    emptyOutDir: true,
    rolldownOptions: { input: Object.fromEntries(pages.map((name) => [name.replace('.html', ''), name])) },
    // The Content-Security-Policy allows files of this device only, no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    // `npx vite kiosk` beside a running daemon.
    proxy: { '/api': 'http://127.0.0.1:8080', '/live': { target: 'ws://127.0.0.1:8080', ws: true } },
  },
});
