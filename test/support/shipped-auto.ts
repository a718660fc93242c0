import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

const KINDS = ['openai', 'gemini', 'perplexity', 'openrouter'] as const;

/** A vendor that the shipped configuration knows. */
export type Vendor = (typeof KINDS)[number];

/** All of them. */
export const EVERY_VENDOR: readonly Vendor[] = KINDS;

/** The shipped models, with keys for some vendors, all of whom live at one address. */
export function shippedConfig(vendors: readonly Vendor[], url = 'http://127.0.0.1:9'): string {
  // Configurations of tests lie in folders of the temporary one.
  const models = relative(join(tmpdir(), 'folder'), resolve('config/models.yaml'));
  const keyOf = (kind: Vendor): string => (vendors.includes(kind) ? 'sk-test' : `"\${NO_KEY_FOR_${kind}}"`);
  const lines = KINDS.map((kind) => `  ${kind}: { kind: ${kind}, api_key: ${keyOf(kind)}, base_url: "${url}" }`);
  return `registry: ${models}\nserver: { drain: 0ms }\nproviders:\n${lines.join('\n')}\n  demo: { kind: demo }\n`;
}
