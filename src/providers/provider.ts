import type { ModelEntry } from '../config/schema.ts';
import type { Dialect, DialectDependencies, ModelFacts } from '../languages/dialect.ts';
import type { ModelRequest } from '../protocol/model-request.ts';
import { spellingsOf } from '../protocol/secrets.ts';

/** Chooses the wire language of one call; OpenAI speaks two. */
export type ChooseDialect = (request: ModelRequest, facts: ModelFacts) => Dialect;

/** What of a provider's configuration decides how it is spoken to. */
export interface SpokenTo {
  readonly name: string;
  /** True where requests of the Responses API go to its own `/responses`; null where it is not said. */
  readonly hasResponses: boolean | null;
  /** True where the state of these stays with it. */
  readonly keepsResponses: boolean;
}

/** A vendor: what it speaks and how it is addressed. One small file per vendor, listed in `index.ts`. */
export interface ProviderKind {
  /** Public base URL up to and including the API version; null when it has to be configured, or is started. */
  readonly baseUrl: string | null;
  /** False for servers that work without a key. */
  readonly needsKey: boolean;
  authHeaders(apiKey: string): Readonly<Record<string, string>>;
  createDialect(dependencies: DialectDependencies, provider: SpokenTo): ChooseDialect;
  /** Where, under the base URL, this vendor serves OpenAI's other paths, and with which headers. */
  readonly openai: { readonly path: string; authHeaders(apiKey: string): Readonly<Record<string, string>> };
  /** Models that exist wherever this kind is configured. */
  readonly models: Readonly<Record<string, Omit<ModelEntry, 'provider'>>>;
  /** For a kind that is served by this very process. */
  startServer?(): Promise<EmbeddedServer>;
}

/** A server inside this process, on a loopback port of its own. */
export interface EmbeddedServer {
  readonly baseUrl: string;
  close(): Promise<void>;
}

/** The usual scheme: `Authorization: Bearer`. */
export function bearer(apiKey: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${apiKey}` };
}

/** A vendor as configured: ready to be asked. */
export interface Provider {
  readonly name: string;
  readonly kind: ProviderKind;
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKeys: readonly string[];
  /** Extra headers of the configuration, sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  readonly maxConnections: number | null;
  /** Why this provider cannot be asked (its key is missing), in words for the operator; null when it can. */
  readonly disabledBecause: string | null;
  /** True where the state of the Responses API stays with it (`responses: theirs`). */
  readonly keepsResponses: boolean;
  readonly chooseDialect: ChooseDialect;
}

const SECRET_HEADER = /auth|key|token|secret|cookie/i;
/** Shorter ones would be found in common words. */
const MIN_SECRET_CHARS = 8;

const known = new WeakMap<Provider, readonly string[]>();

/**
 * What is sent to a provider and must never be shown, in every spelling: its keys, also those in headers of the
 * configuration. Made once for each provider.
 */
export function secretsOf(provider: Provider): readonly string[] {
  const made = known.get(provider) ?? collectSecrets(provider);
  known.set(provider, made);
  return made;
}

function collectSecrets({ apiKeys, headers }: Provider): readonly string[] {
  const named = Object.entries(headers).filter(([name]) => SECRET_HEADER.test(name));
  const words = named.flatMap(([, value]) => value.split(/[\s=;,]+/));
  const secrets = [...apiKeys, ...words].filter((secret) => secret.length >= MIN_SECRET_CHARS);
  return [...new Set(secrets)].flatMap(spellingsOf);
}
