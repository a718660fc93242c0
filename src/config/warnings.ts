import type { ModelConfig } from './config.ts';
import { membersOf } from './group-check.ts';
import { pathText } from './positions.ts';
import type { ConfigFile, KeyEntry } from './schema.ts';

/** Things that work, and are probably not what was meant. */

/** Every other kind has a path of its own, which an address without one gets. */
export function addressWarnings(providers: ConfigFile['providers'] = {}): string[] {
  const bare = Object.entries(providers).filter(
    ([, { kind, base_url: url }]) => kind === 'openai-compatible' && url !== undefined && new URL(url).pathname === '/',
  );
  return bare.map(
    ([name]) => `the base_url of the provider '${name}' has no path: most servers want one, as in http://host:11434/v1`,
  );
}

/** Shorter keys can be guessed, or found by trying. */
const SHORTEST_KEY = 16;

/** Keys of clients that are too short. */
export function keyWarnings(keys: readonly KeyEntry[] = []): string[] {
  const short = keys.filter(({ key }) => key !== undefined && key.length < SHORTEST_KEY);
  return short.map(
    ({ name }) => `the key of '${name}' has fewer than ${SHORTEST_KEY} characters: take a longer one, drawn at random`,
  );
}

/** Two places for one database. */
export function databaseWarnings({ database, usage }: Pick<ConfigFile, 'database' | 'usage'>): string[] {
  if (database?.url === undefined || usage?.path === undefined) return [];
  return ['usage.path has no effect: database.url says where usage is kept'];
}

/** What in the models has no effect, or not the one that was meant: a model beside itself. */
export function modelWarnings(models: readonly ModelConfig[]): string[] {
  const ids = new Map(models.flatMap(({ id, entry }) => (entry.aliases ?? []).map((alias) => [alias, id] as const)));
  for (const { id } of models) ids.set(id, id);
  const idOf = (name: string): string => ids.get(name) ?? name;
  return models.flatMap((model) => [
    ...selfWarnings(model, idOf),
    ...listsOf(model).flatMap((list) => doubleWarnings(list, idOf).map((text) => `${model.where}: ${text}`)),
  ]);
}

/** A name, and where it stands, as text: what comes from the environment is not shown. */
interface Named {
  readonly name: string;
  readonly place: string;
}

function selfWarnings({ id, entry, where }: ModelConfig, idOf: (name: string) => string): string[] {
  const { provider, upstream = id, fallbacks = [] } = entry;
  return fallbacks.flatMap((name, index) =>
    idOf(name) === id || name === `${provider}/${upstream}`
      ? [`${where}: fallbacks[${index}] of '${id}' is the model itself, and has no effect`]
      : [],
  );
}

/** The lists of a model in which one should stand once: fallbacks, targets, and those of each rule. */
function listsOf({ id, entry }: ModelConfig): Named[][] {
  const fallbacks = (entry.fallbacks ?? []).map((name, index) => ({ name, place: `fallbacks[${index}] of '${id}'` }));
  const members = membersOf(entry).map(({ name, path }) => {
    // `targets[0].model` is `targets[0]`.
    const place = path.at(-1) === 'model' ? path.slice(0, -1) : path;
    return { name, list: pathText(place.slice(0, -1)), place: `${pathText(place)} of '${id}'` };
  });
  return [fallbacks, ...Map.groupBy(members, ({ list }) => list).values()];
}

function doubleWarnings(list: readonly Named[], idOf: (name: string) => string): string[] {
  return list.flatMap(({ name, place }, index) => {
    const earlier = list.find((other, at) => at < index && idOf(other.name) === idOf(name));
    return earlier ? [`${place} is the same model as ${earlier.place.replace(/ of .*/, '')}`] : [];
  });
}
