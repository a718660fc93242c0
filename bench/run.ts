/**
 * `npm run bench`: the gateway beside a bare proxy and its peers, `quick` for a short look; `cancel`: how soon a cancel
 * arrives; `observers`: what the usage log and the log lines cost.
 */
const [what = ''] = process.argv.slice(2);
const MODULES: Readonly<Record<string, string>> = { cancel: './cancel.ts', observers: './observers.ts' };
await import(MODULES[what] ?? './compare.ts');

export {};
