import type { KeyConfig } from '../config/config.ts';
import type { RouteName } from '../protocol/routes.ts';
import { toFileLimits, toFileWords } from './file-limits.ts';
import type { Key, Management } from './keys.ts';
import { type GovernedScope, toGoverned } from './limits.ts';
import type { OrgChain } from './org-chains.ts';
import type { KeptKey } from './records.ts';
import { ALL_ROUTES, routesOf } from './routes.ts';

/** Everybody, where there are no keys. */
export const ANONYMOUS: Key = {
  id: 'anonymous',
  name: 'anonymous',
  hash: null,
  label: null,
  expiresAt: null,
  limits: {},
  isAdmin: true,
  manages: 'everything',
  routes: ALL_ROUTES,
  org: null,
  servesOrgs: false,
  owner: 'key:anonymous',
  models: [],
  scopes: [],
  isGoverned: false,
};

/** What holds for all keys of a file. */
export interface FileFacts {
  /** `passthrough.shared` */
  readonly isShared: boolean;
  /** A later file has a higher one. */
  readonly version: number;
}

/** A key of the file as it calls for an organisation, or for none. */
export function callerOfFile(config: KeyConfig, org: OrgChain | null, { isShared, version }: FileFacts): Key {
  const { name, kind, models, orgs } = config;
  const own: GovernedScope = { id: `key:${name}`, role: 'key', version, limits: toFileLimits(config) };
  const isManager = kind === 'management';
  const manages = managementOf(isManager || config.isAdmin, config.isAdmin ? null : (org?.id ?? null));
  return {
    id: orgs === null || org === null ? name : `org:${org.id}/${name}`,
    name,
    hash: null,
    label: null,
    expiresAt: null,
    limits: toFileWords(config),
    // As an admin, but for what costs something.
    isAdmin: config.isAdmin || manages === 'everything',
    manages,
    routes: isManager ? MANAGEMENT_ROUTES : routesOf(config, isShared),
    servesOrgs: orgs !== null,
    ...belonging(`key:${name}`, own, models, org),
  };
}

/** A key that was made at run time. */
export function callerOfKept(kept: KeptKey, org: OrgChain | null, isShared: boolean): Key {
  const { hash, name, kind, models, routes, version, limits, orgId } = kept;
  const own: GovernedScope = { id: `key:${hash}`, role: 'key', version, limits: toGoverned(limits) };
  const isManager = kind === 'management';
  return {
    id: hash,
    name,
    hash,
    label: kept.label,
    expiresAt: kept.expiresAt,
    limits,
    isAdmin: isManager && orgId === null,
    manages: managementOf(isManager, orgId),
    routes: isManager ? MANAGEMENT_ROUTES : routesOf({ isAdmin: false, routes }, isShared),
    servesOrgs: false,
    ...belonging(`key:${hash}`, own, models, org),
  };
}

/** It calls nothing, and may look at what there is. */
const MANAGEMENT_ROUTES: ReadonlySet<RouteName> = new Set<RouteName>(['models']);

function managementOf(isManager: boolean, org: string | null): Management {
  if (!isManager) return 'nothing';
  return org === null ? 'everything' : { org };
}

function belonging(owner: string, own: GovernedScope, models: readonly string[] | null, org: OrgChain | null) {
  const scopes = [own, ...(org?.scopes ?? [])];
  return {
    org: org?.id ?? null,
    owner: org === null ? owner : `org:${org.id}`,
    models: [...(models === null ? [] : [models]), ...(org?.models ?? [])],
    scopes,
    isGoverned: scopes.some(({ limits }) => limits !== null),
  };
}
