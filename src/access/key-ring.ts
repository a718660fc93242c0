import { timingSafeEqual } from 'node:crypto';
import type { Config, KeyConfig } from '../config/config.ts';
import { GatewayError } from '../protocol/errors.ts';
import { ANONYMOUS, callerOfFile, callerOfKept, type FileFacts } from './callers.ts';
import type { Directory } from './directory.ts';
import { keyRefused, notForConsole, orgMismatch, orgRequired, sessionEnded, wrongKey } from './key-errors.ts';
import type { Key } from './keys.ts';
import { type OrgChain, OrgChains } from './org-chains.ts';
import { digestOf, isSecret, presentedKey } from './secret.ts';
import { isFromConsole, type SessionHeaders, type Sessions } from './sessions.ts';
import type { FoundKey } from './store.ts';

/** What a request says of who sends it: a key, or the session of a browser that has signed in with one. */
export interface CallerHeaders extends SessionHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-org-id'?: string | string[] | undefined;
}

/** The keys of one configuration, and those of the database. */
export interface KeyRing {
  /**
   * Who calls: at once for a key of the file, and for one of the database that is known.
   * @throws GatewayError 401 `invalid_api_key`, `key_disabled`, `key_expired`; 403 `org_mismatch`, `org_required`; 503
   * `keys_unavailable`; also as a rejection
   */
  authenticate(headers: CallerHeaders): Key | Promise<Key>;
  /**
   * Whether this caller may sign in to the console.
   * @throws GatewayError 403 `route_not_allowed`
   */
  admitToConsole(key: Key): void;
  /** Whether nobody needs a key: the file names none, and the database holds none. */
  readonly isOpen: boolean;
}

interface KnownKey {
  readonly config: KeyConfig;
  readonly digest: Buffer;
  /** Made once, where its organisation is the same for all its calls. */
  readonly key: Key | null;
}

/** What keys are looked up with. */
interface KeyRingContext {
  readonly directory: Directory;
  readonly sessions: Sessions;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Looks a key up by its digest: the time of that tells nothing about a key, because a caller that does not have one cannot
 * choose its digest either. What was found of the file is compared in constant time all the same.
 */
export function createKeyRing(
  { keys, orgs, passthrough, console }: Pick<Config, 'keys' | 'orgs' | 'passthrough' | 'console'>,
  { directory, sessions, now }: KeyRingContext,
): KeyRing {
  const facts: FileFacts = { isShared: passthrough.isShared, version: Math.floor(now()) };
  const chains = new OrgChains(orgs, directory, facts.version);
  const known = new Map(keys.map((config) => toEntry(config, chains, facts)));
  const made = new WeakMap<FoundKey, Key>();
  /** Of keys of the file that call for an organisation which is found with each call. */
  const madeFor = new WeakMap<OrgChain, Map<KeyConfig, Key>>();

  const ofFile = ({ config, key }: KnownKey, org: string | undefined): Key | Promise<Key> => {
    if (key !== null) return org === undefined || org === key.org ? key : orgMismatch(key, org);
    const id = orgOf(config, org);
    const chain = chains.find(id);
    const toKey = (found: OrgChain | null): Key => {
      const usableChain = usable(found, id, config.orgs !== null);
      const ofChain = madeFor.get(usableChain) ?? new Map<KeyConfig, Key>();
      madeFor.set(usableChain, ofChain);
      const caller = ofChain.get(config) ?? callerOfFile(config, usableChain, facts);
      ofChain.set(config, caller);
      return caller;
    };
    return chain instanceof Promise ? chain.then(toKey) : toKey(chain);
  };
  const ofDatabase = (found: FoundKey | null, org: string | undefined): Key => {
    if (found === null || (found.secretUntil !== null && found.secretUntil <= now())) throw wrongKey();
    const { key: kept, orgs: keptOrgs } = found;
    if (kept.isDisabled) throw keyRefused('disabled');
    if (kept.expiresAt !== null && kept.expiresAt <= now()) throw keyRefused('expired');
    let key = made.get(found);
    if (key === undefined) {
      const chain = kept.orgId === null ? null : usable(chains.ofKey(kept.orgId, keptOrgs), kept.orgId, false);
      key = callerOfKept(kept, chain, passthrough.isShared);
      made.set(found, key);
    }
    if (org !== undefined && org !== key.org) orgMismatch(key, org);
    directory.used(kept.hash);
    return key;
  };

  /** @param mayBeKept whether the database may hold it */
  const ofDigest = (digest: Buffer, org: string | undefined, mayBeKept: boolean): Key | Promise<Key> => {
    const found = known.get(nameOf(digest));
    if (found !== undefined && timingSafeEqual(found.digest, digest)) return ofFile(found, org);
    if (!mayBeKept) {
      directory.requireReadable();
      throw wrongKey();
    }
    const kept = directory.find(digest.toString('hex'));
    return kept instanceof Promise ? kept.then((key) => ofDatabase(key, org)) : ofDatabase(kept, org);
  };
  const admitToConsole = (key: Key): void => {
    if (console.isAdminOnly && !key.isAdmin) throw notForConsole();
  };
  /** The caller that the key itself would be. A session whose key may not call any more is over for good. */
  const ofSession = async (headers: SessionHeaders, org: string | undefined): Promise<Key> => {
    const session = console.isEnabled ? sessions.find(headers) : null;
    if (session === null) throw sessionEnded();
    try {
      const key = await ofDigest(session.digest, org ?? session.org ?? undefined, true);
      admitToConsole(key);
      return key;
    } catch (error) {
      if (error instanceof GatewayError && error.status === 401) sessions.end(headers);
      throw error instanceof GatewayError && error.code === 'invalid_api_key' ? sessionEnded() : error;
    }
  };

  return {
    get isOpen() {
      return known.size === 0 && !directory.holdsKeys;
    },
    admitToConsole,
    authenticate(headers) {
      if (known.size === 0 && !directory.holdsKeys) return ANONYMOUS;
      const { authorization, 'x-org-id': named } = headers;
      const org = named === undefined || named === '' ? undefined : String(named);
      const presented = presentedKey(authorization);
      if (presented !== undefined) return ofDigest(digestOf(presented), org, isSecret(presented));
      if (isFromConsole(headers)) return ofSession(headers, org);
      // It may be that nobody needs one.
      if (known.size === 0) directory.requireReadable();
      throw wrongKey('missing');
    },
  };
}

function toEntry(config: KeyConfig, chains: OrgChains, facts: FileFacts): readonly [string, KnownKey] {
  const digest = Buffer.from(config.sha256, 'hex');
  return [nameOf(digest), { config, digest, key: fixedCaller(config, chains, facts) }];
}

/** Null where it is only known at a call whom the key calls for. */
function fixedCaller(config: KeyConfig, chains: OrgChains, facts: FileFacts): Key | null {
  if (config.orgs !== null) return null;
  if (config.org === null) return callerOfFile(config, null, facts);
  const chain = chains.ofFile(config.org);
  return chain === null || chain.isDisabled ? null : callerOfFile(config, chain, facts);
}

/** The organisation that a key of the file calls for. */
function orgOf({ org, orgs, name }: KeyConfig, named: string | undefined): string {
  if (org !== null) {
    if (named !== undefined && named !== org) orgMismatch({ name, org, servesOrgs: false }, named);
    return org;
  }
  if (named === undefined) throw orgRequired(orgs);
  if (orgs !== '*' && !orgs?.includes(named)) orgMismatch({ name, org, servesOrgs: true }, named);
  return named;
}

/** An organisation that can be called for. @param isNamed whether the client has named it, and may be told whether it is there */
function usable(chain: OrgChain | null, id: string, isNamed: boolean): OrgChain {
  if (chain === null)
    throw isNamed ? orgMismatch({ name: '', org: null, servesOrgs: true }, id) : keyRefused('orphaned');
  if (chain.isDisabled) throw keyRefused('org-disabled');
  return chain;
}

function nameOf(digest: Buffer): string {
  return digest.toString('latin1');
}
