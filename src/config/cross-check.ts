import { createHash } from 'node:crypto';
import { checkModels, type NamedModel } from './model-check.ts';
import { didYouMean } from './nearest.ts';
import type { configFileSchema, KeyInput, OrgInput, ProviderInput, registryFileSchema } from './schema.ts';
import { hiddenText } from './secrecy.ts';
import type { AsWritten, Source } from './source.ts';

/** The main file, as it was read. */
export type Main = Source<typeof configFileSchema>;
/** The file of the models, as it was read. */
export type RegistryFile = Source<typeof registryFileSchema>;

/**
 * Checks what no schema sees: names that point elsewhere, settings that contradict each other. Mistakes go to the
 * source in which they stand.
 */
export function crossCheck(main: Main, registry: RegistryFile | null): void {
  const { providers, auth, orgs, passthrough, fallback } = main.written ?? {};
  const keys = auth?.keys ?? [];
  checkProviders(main, providers ?? {});
  checkKeys(main, keys);
  checkOrgs(main, orgs ?? {});
  const models = [...namedModels(main), ...(registry ? namedModels(registry) : [])];
  const ofProviders = Object.entries(providers ?? {}).map(([name, entry]) => ({
    source: main,
    path: ['providers', name, 'fallback', 'models'],
    names: entry?.fallback?.models,
  }));
  const lists = [{ source: main, path: ['fallback', 'models'], names: fallback?.models }, ...ofProviders];
  checkModels(models, Object.keys(providers ?? {}), keyNamesIn(keys), lists);
  const target = passthrough?.default;
  if (target !== undefined && !Object.hasOwn(providers ?? {}, target)) {
    const hint = didYouMean(target, Object.keys(providers ?? {}));
    main.report(['passthrough', 'default'], `expected a configured provider, found ${hiddenText(target)}${hint}`);
  }
}

type WrittenKeys = readonly (AsWritten<KeyInput> | undefined)[];

/** Without keys everybody is the same caller. */
function keyNamesIn(keys: WrittenKeys): string[] {
  return keys.length === 0 ? ['anonymous'] : keys.flatMap((key) => key?.name ?? []);
}

function namedModels(source: Main | RegistryFile): NamedModel[] {
  return Object.entries(source.written?.models ?? {}).map(([id, entry]) => ({ id, entry: entry ?? {}, source }));
}

function checkProviders(main: Main, providers: Readonly<Record<string, AsWritten<ProviderInput> | undefined>>): void {
  for (const [name, entry = {}] of Object.entries(providers)) {
    if (entry.kind === 'openai-compatible' && !('base_url' in entry)) {
      main.report(
        ['providers', name],
        "expected base_url: the kind 'openai-compatible' has no address of its own",
        true,
      );
    }
    const { kind = '', responses = 'chat' } = entry;
    if (responses !== 'chat' && !HAS_RESPONSES.has(kind)) {
      const text = `expected chat: of the kind '${kind}' no /responses is known that could be passed on`;
      main.report(['providers', name, 'responses'], text);
    }
    checkBaseUrl(main, name, entry.base_url ?? '');
    if ('api_key' in entry && 'api_keys' in entry) {
      main.report(['providers', name, 'api_keys'], 'expected api_key or api_keys, found both', true);
    }
  }
}

/** Kinds whose servers may speak OpenAI's Responses as OpenAI does. */
const HAS_RESPONSES: ReadonlySet<string> = new Set(['openai', 'openai-compatible']);

/** What the gateway adds to a base URL by itself. */
const ADDED_PATH = /\/(?:chat\/completions|completions|responses|embeddings|models)(?=\/*(?:[?#]|$))/;

function checkBaseUrl(main: Main, name: string, baseUrl: string): void {
  const [added] = ADDED_PATH.exec(baseUrl) ?? [];
  if (added === undefined) return;
  const text = `expected the address up to the version, as in http://host/v1: leave out ${added}, which is added to it`;
  main.report(['providers', name, 'base_url'], text);
}

/** The digest of a client's key entry; null where the entry is broken. */
export function digestOf({ key, sha256 }: AsWritten<KeyInput>): string | null {
  if (key !== undefined) return createHash('sha256').update(key).digest('hex');
  return sha256?.toLowerCase() ?? null;
}

function checkKeys(main: Main, keys: WrittenKeys): void {
  const names = new Set<string>();
  const digests = new Set<string>();
  for (const [index, entry = {}] of keys.entries()) {
    const { name } = entry;
    const digest = digestOf(entry);
    const setting = 'key' in entry ? 'key' : 'sha256';
    if (entry.kind === 'management' && entry.admin === true)
      main.report(['auth', 'keys', index, 'kind'], 'expected kind: management or admin: true, found both');
    if (name !== undefined && names.has(name))
      main.report(['auth', 'keys', index, 'name'], 'another key has this same name');
    if (digest !== null && digests.has(digest))
      main.report(['auth', 'keys', index, setting], 'another name has this same key');
    if (name !== undefined) names.add(name);
    if (digest !== null) digests.add(digest);
  }
}

/** Teams have no teams. */
function checkOrgs(main: Main, orgs: Readonly<Record<string, AsWritten<OrgInput> | undefined>>): void {
  for (const [id, { parent } = {}] of Object.entries(orgs)) {
    if (parent === undefined) continue;
    if (!Object.hasOwn(orgs, parent)) {
      const found = main.found(['orgs', id, 'parent'], parent);
      main.report(['orgs', id, 'parent'], `expected an organisation of orgs, found ${found}`);
    } else if (orgs[parent]?.parent !== undefined) {
      main.report(['orgs', id, 'parent'], 'expected an organisation that is no team itself: teams have no teams');
    }
  }
}
