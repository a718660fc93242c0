import { configFrom } from '../../lab/gateway.ts';
import { createSignatureStore } from '../../src/languages/gemini/signature-store.ts';
import { createProviderFactory } from '../../src/providers/index.ts';
import { createRegistry, type Registry } from '../../src/routing/registry.ts';
import { PROVIDERS } from './providers.ts';

const NAMES = Object.keys(PROVIDERS);
const MEMBERS = NAMES.join(', ');

/** The groups that are compared, as they would stand in models.yaml: a row of the table for each. */
const GROUPS: Readonly<Record<string, string>> = {
  order: `{ targets: [${MEMBERS}] }`,
  weighted: '{ targets: [moody, { model: cheap, weight: 2 }, swift, { model: solid, weight: 4 }], strategy: weighted }',
  cheapest: `{ targets: [${MEMBERS}], strategy: cheapest }`,
  fastest: `{ targets: [${MEMBERS}], strategy: fastest }`,
  'least-busy': `{ targets: [${MEMBERS}], strategy: least-busy }`,
  'order, hedged': `{ targets: [${MEMBERS}], hedge: { after: p95 } }`,
  'order, hedged after 1 s': `{ targets: [${MEMBERS}], hedge: { after: 1s } }`,
  'cheapest, hedged': `{ targets: [${MEMBERS}], strategy: cheapest, hedge: { after: p95 } }`,
  'fastest, hedged': `{ targets: [${MEMBERS}], strategy: fastest, hedge: { after: p95 } }`,
};

/** The rows of the table: what each of them sends all calls to. */
export const ROWS: readonly string[] = ['moody', ...Object.keys(GROUPS)];

/** The registry of the simulation: real settings, with the defaults that everybody has. */
export async function loadRegistry(): Promise<Registry> {
  const config = configFrom(configText());
  const factory = createProviderFactory({ newId: () => 'unused', signatures: createSignatureStore() });
  return createRegistry(config, await factory.create(config));
}

function configText(): string {
  const providers = NAMES.map((name) => `  ${name}: { kind: openai-compatible, base_url: http://127.0.0.1:9 }`);
  const members = Object.entries(PROVIDERS).map(
    ([name, { input, output }]) => `  ${name}: { provider: ${name}, prices: [{ input: ${input}, output: ${output} }] }`,
  );
  const groups = Object.entries(GROUPS).map(([name, entry]) => `  "${name}": ${entry}`);
  return `providers:\n${providers.join('\n')}\nmodels:\n${[...members, ...groups].join('\n')}\n`;
}
