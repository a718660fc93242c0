import type { RequestHandler } from 'express';
import type { Key } from '../access/keys.ts';
import type { RouteName } from '../protocol/routes.ts';
import type { Services, Snapshot } from './services.ts';

/** The answer of `GET /v1/me`: who asks, and what the gateway has for them. */
export interface MeBody {
  readonly object: 'me';
  readonly key: {
    readonly name: string;
    /** Null for a key of the file, and where there are no keys. */
    readonly hash: string | null;
    readonly org: string | null;
    /** Sees everybody's calls, usage, providers and configuration. */
    readonly is_admin: boolean;
    /** How far it manages keys and organisations; `org`: its own organisation with its teams. */
    readonly manages: 'nothing' | 'everything' | 'org';
    readonly routes: readonly RouteName[];
  };
  /** Whether the gateway asks for keys. */
  readonly auth: 'none' | 'keys';
  readonly version: string;
  /** Nothing answers but what the gateway brings along. */
  readonly demo_only: boolean;
  readonly features: { readonly usage: boolean; readonly conversations: boolean };
  /** Providers that cannot be asked, and the variable to set, where one is named: the operator's business, and empty for others. */
  readonly missing_keys: readonly { readonly provider: string; readonly env: string | null }[];
}

/** `GET /v1/me`: what a program has to know before it shows anything. */
export function retrieveMe({
  snapshot,
  lifecycle,
  reports,
  answers,
}: Pick<Services, 'snapshot' | 'lifecycle' | 'reports' | 'answers'>): RequestHandler {
  return (_request, response) => {
    const key = response.locals['key'] as Key;
    const now = snapshot();
    const body: MeBody = {
      object: 'me',
      key: toKeyOfMe(key),
      auth: now.clientKeys.isOpen ? 'none' : 'keys',
      version: lifecycle.version,
      demo_only: isDemoOnly(now),
      features: { usage: reports.usage !== null, conversations: answers.threads !== null },
      missing_keys: key.isAdmin ? missingKeysOf(now) : [],
    };
    response.json(body);
  };
}

function toKeyOfMe({ name, hash, org, isAdmin, manages, routes }: Key): MeBody['key'] {
  return {
    name,
    hash,
    org,
    is_admin: isAdmin,
    manages: typeof manages === 'object' ? 'org' : manages,
    routes: [...routes],
  };
}

function isDemoOnly({ providers }: Snapshot): boolean {
  const usable = [...providers.values()].filter(({ disabledBecause }) => disabledBecause === null);
  return usable.length > 0 && usable.every(({ kind }) => kind.startServer !== undefined);
}

function missingKeysOf({ config, providers }: Snapshot): MeBody['missing_keys'] {
  return [...providers.values()]
    .filter(({ disabledBecause }) => disabledBecause !== null)
    .map(({ name }) => ({ provider: name, env: config.providers.get(name)?.missingKey ?? null }));
}
