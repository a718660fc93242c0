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

/**
 * Takes out of `marked` what writes HTML: only its lexer is used, and its module makes an instance of all the rest, so that no
 * bundler can leave it out. That is 3 KB of the first view of a conversation.
 */
function lexerAlone(): Plugin {
  return {
    name: 'lexer-alone',
    apply: 'build',
    transform(code, id) {
      if (!id.endsWith('/marked/lib/marked.esm.js')) return null;
      const rest = code.search(/var (\w+)=new \w+;function \w+\(\w+,\w+\)\{return \1\.parse\(/);
      const lexer = /(\w+) as Lexer\b/.exec(code)?.[1];
      if (rest < 0 || lexer === undefined)
        throw new Error('The module of marked is built in another way: see lexerAlone.');
      return { code: `${code.slice(0, rest)}export{${lexer} as Lexer};`, map: null };
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/console/',
  logLevel: 'warn',
  plugins: [themeScript(), lexerAlone()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    manifest: 'manifest.json',
    target: 'es2022',
    // All of them know light-dark(), which would else be written out for each colour.
    cssTarget: ['chrome126', 'firefox126', 'safari18'],
    // A data URL would be a file that the policy of the page does not let in.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One file for what all pages stand on: with three the shell is 3 % larger, and parts of it fall into files of their own.
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'preact', test: /node_modules\/@?preact\// }] } } },
  },
  server: { port: 5173, proxy: Object.fromEntries(DATA.map((path) => [path, { target: GATEWAY }])) },
});
