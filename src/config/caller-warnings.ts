import { matchesPattern } from '../protocol/name-pattern.ts';
import type { ModelConfig } from './config.ts';
import type { Main } from './cross-check.ts';
import { isUnlisted } from './model-check.ts';
import type { Path } from './positions.ts';
import type { ConfigFile, KeyEntry, OrgEntry } from './schema.ts';

/** The models of a configuration, as keys and organisations name them. */
interface Models {
  readonly byId: ReadonlyMap<string, ModelConfig['entry']>;
  readonly idOfAlias: ReadonlyMap<string, string>;
  /** `provider/upstream`, of those that are listed, with their id. */
  readonly idOfDirect: ReadonlyMap<string, string>;
  readonly providers: readonly string[];
}

type NamingEntry = Pick<KeyEntry & OrgEntry, 'models' | 'limits'>;

/** Models that keys and organisations name, and that no call can be answered by: a list then allows none, and a limit limits nothing. */
export function callerWarnings(main: Main, file: ConfigFile, listed: readonly ModelConfig[]): string[] {
  const models = toModels(listed, Object.keys(file.providers ?? {}));
  const keys = (file.auth?.keys ?? []).flatMap((key, index) =>
    warningsOf(main, ['auth', 'keys', index], `the key '${key.name}'`, key, models),
  );
  const orgs = Object.entries(file.orgs ?? {}).flatMap(([id, org]) =>
    warningsOf(main, ['orgs', id], `the organisation '${id}'`, org, models),
  );
  return [...keys, ...orgs];
}

function warningsOf(main: Main, path: Path, owner: string, { models: allowed, limits }: NamingEntry, models: Models) {
  const warn = (place: Path, text: string): string => `${main.where([...path, ...place])}: ${text}`;
  const ofList = (allowed ?? []).flatMap((text, index) => {
    // What stands with a key is not repeated: the place says which it is.
    const what = `models[${index}] of ${owner} ${text.includes('*') ? 'matches no model' : 'is the name of no model'}`;
    return isAllowing(text, models) ? [] : [warn(['models', index], what)];
  });
  const ofLimits = Object.keys(limits?.models ?? {}).flatMap((name) => {
    const why = whyUnlimited(name, models);
    const place = ['limits', 'models', name];
    return why === null ? [] : [warn(place, `limits.models of ${owner} has no effect for '${name}': ${why}`)];
  });
  return [...ofList, ...ofLimits];
}

/** Also what is not listed can be asked for, as `provider/upstream`, and what providers bring. */
function isAllowing(text: string, { byId, idOfAlias, idOfDirect, providers }: Models): boolean {
  if (!text.includes('*')) return byId.has(text) || idOfAlias.has(text) || isUnlisted(text, providers);
  const [head = ''] = text.split('*');
  const mayBegin = (beginning: string): boolean => beginning.startsWith(head) || head.startsWith(beginning);
  return (
    [...byId.keys(), ...idOfDirect.keys()].some((name) => matchesPattern(text, name)) ||
    providers.some((provider) => mayBegin(`${provider}/`)) ||
    mayBegin('demo')
  );
}

/** Limits for a model hold for the one that answers, by its id; null where they do. */
function whyUnlimited(name: string, { byId, idOfAlias, idOfDirect, providers }: Models): string | null {
  const entry = byId.get(name);
  if (entry?.targets || entry?.rules) return 'it is a group, and limits hold for the models that answer';
  if (entry) return null;
  const id = idOfAlias.get(name) ?? idOfDirect.get(name);
  if (id !== undefined) return `limits go by the id of a model, which is '${id}'`;
  return isUnlisted(name, providers) ? null : 'no model has this id';
}

function toModels(listed: readonly ModelConfig[], providers: readonly string[]): Models {
  const direct = listed.flatMap(({ id, entry: { provider, upstream = id } }) =>
    provider === undefined ? [] : [[`${provider}/${upstream}`, id] as const],
  );
  return {
    byId: new Map(listed.map(({ id, entry }) => [id, entry])),
    idOfAlias: new Map(listed.flatMap(({ id, entry }) => (entry.aliases ?? []).map((alias) => [alias, id] as const))),
    idOfDirect: new Map(direct),
    providers,
  };
}
