import { createHash } from 'node:crypto';
import { isRecord } from '../protocol/json.ts';
import { checkModels, type NamedModel, type NameList } from './model-check.ts';
import { didYouMean } from './nearest.ts';
import { openHostProblem } from './open-host.ts';
import { hiddenText } from './secrecy.ts';
import type { Source } from './source.ts';

/** The settings as written: a mistake in one of them must not hide those of its neighbours. */
type Raw = Readonly<Record<string, unknown>>;

/**
 * Checks what no schema sees: names that point elsewhere, settings that contradict each other. Mistakes go to the
 * source in which they stand.
 * @param isHostOverridden whether another host than `server.host` will be bound
 */
export function crossCheck(main: Source<unknown>, registry: Source<unknown> | null, isHostOverridden: boolean): void {
  const settings = section(main.raw);
  const providers = section(settings['providers']);
  checkProviders(main, providers);
  checkKeys(main, section(settings['auth'])['keys']);
  if (!isHostOverridden) checkHost(main);
  const models = [main, ...(registry ? [registry] : [])].flatMap(namedModels);
  checkModels(models, providers, keyNamesIn(section(settings['auth'])['keys']), fallbackLists(main, providers));
  const target = section(settings['passthrough'])['default'];
  if (typeof target === 'string' && !Object.hasOwn(providers, target)) {
    const hint = didYouMean(target, Object.keys(providers));
    main.report(['passthrough', 'default'], `expected a configured provider, found ${hiddenText(target)}${hint}`);
  }
}

function section(value: unknown): Raw {
  return isRecord(value) ? value : {};
}

/** Without keys everybody is the same caller. */
function keyNamesIn(keys: unknown): string[] {
  const names = Array.isArray(keys) ? keys.map((key) => section(key)['name']) : [];
  return names.length === 0 ? ['anonymous'] : names.filter((name) => typeof name === 'string');
}

/** Who steps in for models that name nobody: globally, and per provider. */
function fallbackLists(source: Source<unknown>, providers: Raw): NameList[] {
  const blocks: [string[], unknown][] = [
    [[], source.raw],
    ...Object.entries(providers).map(([name, entry]): [string[], unknown] => [['providers', name], entry]),
  ];
  return blocks.map(([path, block]) => ({
    source,
    path: [...path, 'fallback', 'models'],
    names: section(section(block)['fallback'])['models'],
  }));
}

function namedModels(source: Source<unknown>): NamedModel[] {
  const models = section(section(source.raw)['models']);
  return Object.entries(models).map(([id, entry]) => ({ id, entry: section(entry), source }));
}

function checkProviders(main: Source<unknown>, providers: Raw): void {
  for (const [name, value] of Object.entries(providers)) {
    const entry = section(value);
    if (entry['kind'] === 'openai-compatible' && entry['base_url'] === undefined) {
      main.report(
        ['providers', name],
        "expected base_url: the kind 'openai-compatible' has no address of its own",
        true,
      );
    }
    checkBaseUrl(main, name, entry['base_url']);
    if (entry['api_key'] !== undefined && entry['api_keys'] !== undefined) {
      main.report(['providers', name, 'api_keys'], 'expected api_key or api_keys, found both', true);
    }
  }
}

/** What the gateway adds to a base URL by itself. */
const ADDED_PATH = /\/(?:chat\/completions|completions|responses|embeddings|models)(?=\/*(?:[?#]|$))/;

function checkBaseUrl(main: Source<unknown>, name: string, baseUrl: unknown): void {
  const [added] = typeof baseUrl === 'string' ? (ADDED_PATH.exec(baseUrl) ?? []) : [];
  if (added === undefined) return;
  const text = `expected the address up to the version, as in http://host/v1: leave out ${added}, which is added to it`;
  main.report(['providers', name, 'base_url'], text);
}

/** The digest of a client's key entry; null where the entry is broken. */
export function digestOf({ key, sha256 }: { readonly key?: unknown; readonly sha256?: unknown }): string | null {
  if (typeof key === 'string') return createHash('sha256').update(key).digest('hex');
  return typeof sha256 === 'string' ? sha256.toLowerCase() : null;
}

function checkKeys(main: Source<unknown>, keys: unknown): void {
  if (!Array.isArray(keys)) return;
  const names = new Set<unknown>();
  const digests = new Set<string>();
  for (const [index, value] of keys.entries()) {
    const entry = section(value);
    const digest = digestOf(entry);
    const setting = entry['key'] === undefined ? 'sha256' : 'key';
    if (typeof entry['name'] === 'string' && names.has(entry['name']))
      main.report(['auth', 'keys', index, 'name'], 'another key has this same name');
    if (digest !== null && digests.has(digest))
      main.report(['auth', 'keys', index, setting], 'another name has this same key');
    names.add(entry['name']);
    if (digest !== null) digests.add(digest);
  }
}

function checkHost(main: Source<unknown>): void {
  const settings = section(main.raw);
  const written = section(settings['server'])['host'];
  const host = typeof written === 'string' ? written : '127.0.0.1';
  const keys = section(settings['auth'])['keys'];
  const problem = openHostProblem(host, Array.isArray(keys) ? keys.length : 0, main.found(['server', 'host'], host));
  if (problem !== null) main.report(['server', 'host'], problem);
}
