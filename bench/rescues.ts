import { loadConfig } from '../src/config/load.ts';
import { createSignatureStore } from '../src/languages/gemini/signature-store.ts';
import { createProviderFactory } from '../src/providers/index.ts';
import { createRegistry } from '../src/routing/registry.ts';
import { rescueRows, rescueSummary, rescueTable } from './rescues/table.ts';

// For each chat model of the shipped registry: who takes up an answer that broke off, and how. Nobody is asked.
const vendors = ['OPENAI', 'GEMINI', 'PERPLEXITY', 'OPENROUTER'];
const env = Object.fromEntries(vendors.map((vendor) => [`${vendor}_API_KEY`, 'none']));
const config = loadConfig({ path: 'config/gateway.yaml', env });
const factory = createProviderFactory({ newId: () => 'unused', signatures: createSignatureStore() });
const rows = rescueRows(createRegistry(config, await factory.create(config)));
await factory.close();
process.stdout.write(`${rescueTable(rows)}\n\n${rescueSummary(rows)}\n`);
