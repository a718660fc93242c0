import type { Config, GovernedConfig, KeyConfig, OrgConfig } from './config.ts';
import { digestOf } from './cross-check.ts';
import type { ConfigFile, KeyEntry, OrgEntry } from './schema.ts';
import { KEY, KEY_LOOK_UPS, ORG } from './settings/access.ts';
import { BUDGET, LIMITS } from './settings/limits.ts';
import { resolve } from './settings/setting.ts';

/** Who may call: the keys and organisations of the file, and how those of the database are looked up. */
export function toCallers({
  auth,
  orgs,
  governance,
}: Pick<ConfigFile, 'auth' | 'orgs' | 'governance'>): Pick<Config, 'keys' | 'orgs' | 'keyLookUps'> {
  return {
    keys: (auth?.keys ?? []).map(toKey),
    orgs: new Map(Object.entries(orgs ?? {}).map(([id, entry]) => [id, toOrg(id, entry)])),
    keyLookUps: resolve(KEY_LOOK_UPS, governance?.keys),
  };
}

function toKey(entry: KeyEntry): KeyConfig {
  const { name, isAdmin, routes, kind, org, orgs, models } = resolve(KEY, entry);
  return { name, isAdmin, routes, kind, org, orgs, models, ...toGoverned(entry), sha256: digestOf(entry) ?? '' };
}

function toOrg(id: string, entry: OrgEntry): OrgConfig {
  const { name, parent, isDisabled, models } = resolve(ORG, entry);
  return { id, name: name ?? id, parent, isDisabled, models, ...toGoverned(entry) };
}

function toGoverned({ limits, budget }: KeyEntry | OrgEntry): GovernedConfig {
  return {
    limits: limits === undefined ? null : resolve(LIMITS, limits),
    budget: budget === undefined ? null : resolve(BUDGET, budget),
  };
}
