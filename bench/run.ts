/** `npm run bench`: the gateway beside a bare proxy, `quick` for a short look; `cancel`: how soon a cancel arrives. */
const isCancel = process.argv.includes('cancel');
await import(isCancel ? './cancel.ts' : './compare.ts');
