/**
 * `npm run bench`: the gateway beside a bare proxy and its peers, `quick` for a short look; `cancel`: how soon a cancel
 * arrives; `observers`: what the usage log and the log lines cost; `bodies`: what bodies that were made to hurt cost;
 * `limits`: what limits and budgets cost; `live`: what the live feed costs.
 */
const [what = ''] = process.argv.slice(2);
const MODULES = ['cancel', 'observers', 'bodies', 'limits', 'live'];
await import(MODULES.includes(what) ? `./${what}.ts` : './compare.ts');

export {};
