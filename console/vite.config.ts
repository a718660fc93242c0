import { readFileSync } from 'node:fs';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run console` finds a gateway: it serves the data, Vite the pages. */
const GATEWAY = process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8080';

/** What the pages ask the gateway for. */
const DATA = ['/v1', '/metrics', '/health', '/ready', '/openapi.json', '/console/session'];

/** Picks light or dark before anything is drawn, so it is no module: those run late. A hashed name lets it be kept for good. */
function themeScript(): Plugin {
  const address = '/console/theme.js';
  const file = new URL('theme.js', import.meta.url);
  return {
    name: 'theme-script',
    configureServer({ middlewares }) {
      middlewares.use(address, (_request, response) => {
        response.setHeader('content-type', 'text/javascript').end(readFileSync(file));
      });
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const source = readFileSync(file, 'utf8');
        const name = this.getFileName(this.emitFile({ type: 'asset', name: 'theme.js', source }));
        const page = bundle['index.html'];
        if (page?.type === 'asset') page.source = String(page.source).replace(address, `/console/${name}`);
      },
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  logLevel: 'warn',
  plugins: [themeScript()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    manifest: 'manifest.json',
    target: 'es2022',
    // A data URL would be a file that the policy of the page does not let in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { port: 5173, proxy: Object.fromEntries(DATA.map((path) => [path, { target: GATEWAY }])) },
});
