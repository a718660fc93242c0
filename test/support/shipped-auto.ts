import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parse } from 'yaml';

interface Shipped {
  readonly providers: Readonly<Record<string, { readonly kind: string }>>;
}

interface ShippedModels {
  readonly models: Readonly<Record<string, { readonly provider?: string }>>;
}

function read<T>(file: string): T {
  return parse(readFileSync(file, 'utf8')) as T;
}

const { providers } = read<Shipped>('config/gateway.yaml');
const { models } = read<ShippedModels>('config/models.yaml');

/** The vendors that the shipped configuration knows, by the names of their providers. */
export const EVERY_VENDOR: readonly string[] = Object.keys(providers).filter(
  (name) => providers[name]?.kind !== 'demo',
);

/** Those of them that `auto` can choose: a model of theirs stands in its rules. */
export const AUTO_VENDORS = EVERY_VENDOR.filter((vendor) => {
  const named = JSON.stringify(models['auto']);
  return Object.entries(models).some(([id, { provider }]) => provider === vendor && named.includes(`"${id}"`));
});

/** The shipped models, with keys for some vendors, all of whom live at one address. */
export function shippedConfig(vendors: readonly string[], url = 'http://127.0.0.1:9'): string {
  // Configurations of tests lie in folders of the temporary one.
  const registry = relative(join(tmpdir(), 'folder'), resolve('config/models.yaml'));
  const keyOf = (vendor: string): string => (vendors.includes(vendor) ? 'sk-test' : `"\${NO_KEY_FOR_${vendor}}"`);
  const lines = EVERY_VENDOR.map(
    (vendor) => `  ${vendor}: { kind: ${providers[vendor]?.kind}, api_key: ${keyOf(vendor)}, base_url: "${url}" }`,
  );
  return `registry: ${registry}\nserver: { drain: 0ms }\nproviders:\n${lines.join('\n')}\n  demo: { kind: demo }\n`;
}
