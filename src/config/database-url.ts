/** Where the database is; `shown` is what operators see of it, without a password. */
export type DatabaseConfig =
  | { readonly engine: 'sqlite'; readonly path: string; readonly shown: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly shown: string; readonly password: string | null };

const DEFAULT_PATH = 'data/sluice.db';
/** Where the usage log was when it was all that was kept. */
const FORMER_PATH = 'data/usage.db';

interface DatabaseSettings {
  readonly database?: { readonly url?: string | undefined } | undefined;
  readonly usage?: { readonly path?: string | undefined } | undefined;
}

/** Where the settings say that the database is: `database.url` before `usage.path`, and one that is there before none. */
export function resolveDatabase(
  { database, usage }: DatabaseSettings,
  exists: (path: string) => boolean,
): DatabaseConfig {
  const former = exists(FORMER_PATH) && !exists(DEFAULT_PATH) ? FORMER_PATH : DEFAULT_PATH;
  const named = database?.url === undefined ? null : parseDatabaseUrl(database.url);
  return named ?? toFile(usage?.path ?? former);
}

/**
 * Reads `sqlite:data/sluice.db`, a plain path, or `postgres://user:password@host:5432/name`.
 * @returns null when it is none of these
 */
export function parseDatabaseUrl(text: string): DatabaseConfig | null {
  if (/^postgres(ql)?:/i.test(text)) return parsePostgresUrl(text);
  const path = text.replace(/^sqlite:(\/\/)?/i, '');
  // Of another engine, or of none: a path has no scheme.
  if (path === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return null;
  return toFile(path);
}

function toFile(path: string): DatabaseConfig {
  return { engine: 'sqlite', path, shown: path };
}

function parsePostgresUrl(text: string): DatabaseConfig | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  const password = decoded(url.password) || url.searchParams.get('password');
  if (url.password !== '') url.password = '***';
  // Whatever stands there may be secret, and does not say which database it is.
  url.search = '';
  return { engine: 'postgres', url: text, shown: url.href, password: password || null };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A percent sign that stands for itself.
    return text;
  }
}
