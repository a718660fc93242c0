import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { checkInThread } from './check-thread.ts';
import type { Config } from './config.ts';
import { ConfigError, type Problem } from './config-error.ts';
import type { Environment } from './environment.ts';
import { maskedText } from './masked-text.ts';
import { proposedIn } from './nearest.ts';

/** The configuration as an operator is shown it: the answer of `GET /v1/config`. Times are ISO 8601. */
export interface ShownConfig {
  readonly object: 'config';
  /** As they were loaded, the main file first. */
  readonly files: readonly ShownFile[];
  /** SHA-256 of the texts as they are shown; null where one cannot be. */
  readonly hash: string | null;
  /** Where usage, answers and keys are kept, without a password. */
  readonly database: string;
  /** Variables that the files name. */
  readonly variables: readonly { readonly name: string; readonly is_set: boolean }[];
  readonly warnings: readonly string[];
  readonly loaded_at: string;
  /** The last one that was tried; null since the start. */
  readonly last_reload: ShownReload | null;
}

/** A file of the configuration. */
export interface ShownFile {
  /** As the main file would name it: its path from there. */
  readonly name: string;
  readonly path: string;
  /** Without secrets and comments; null where what is on the disk now is not what was loaded. */
  readonly text: string | null;
}

/** What came of a reload. */
export interface ShownReload {
  readonly at: string;
  readonly ok: boolean;
  readonly problems: readonly ShownProblem[];
  /** Settings that differ from what runs, and take a restart. */
  readonly restart_needed: readonly string[];
}

/** A mistake. Line and column count from 1; 0 where it stands in no file. */
export interface ShownProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  /** The known name that may have been meant. */
  readonly nearest: string | null;
}

/** The answer of `POST /v1/config/check`. */
export interface ShownCheck {
  readonly object: 'config.check';
  readonly ok: boolean;
  readonly problems: readonly ShownProblem[];
}

/** What can be asked of the configuration that runs. */
export interface Configuration {
  show(): ShownConfig;
  /** Null since the start. */
  lastReload(): ShownReload | null;
  /**
   * Checks files without taking them up, in place of those that run, and beside the others of these. What variables hold is not
   * looked at: of a mistake that depended on it, much of it could be told. One check at a time.
   * @param files texts by their names
   */
  check(files: ReadonlyMap<string, string>): Promise<ShownCheck>;
  /** Takes up another one, and remembers what came of it. @param take resolves to the settings that take a restart */
  reload(take: () => Promise<readonly string[]>): Promise<readonly string[]>;
}

/** What it needs of the world. */
export interface ConfigurationContext {
  readonly config: () => Config;
  readonly env: () => Environment;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Whether the database holds keys. */
  readonly holdsKeys: () => boolean;
  /** Told of each reload. */
  tried(isGood: boolean): void;
}

export function createConfiguration({ config, env, now, holdsKeys, tried }: ConfigurationContext): Configuration {
  const time = (): string => new Date(now()).toISOString();
  let loadedAt = time();
  let lastReload: ShownReload | null = null;
  let lastCheck: Promise<unknown> = Promise.resolve();
  return {
    show() {
      const { files: paths, digests, database, warnings } = config();
      const files = paths.map((path, index) => toShownFile(path, digests[index] ?? '', config()));
      const texts = files.map(({ text }) => text).filter((text) => text !== null);
      return {
        object: 'config',
        files,
        hash: texts.length === files.length ? hash('sha256', JSON.stringify(texts)) : null,
        database: database.shown,
        variables: variablesIn(texts, env()),
        warnings,
        loaded_at: loadedAt,
        last_reload: lastReload,
      };
    },
    lastReload: () => lastReload,
    check(files) {
      const checked = lastCheck.then(() => check(files, config(), env(), holdsKeys()));
      lastCheck = checked.catch(() => undefined);
      return checked;
    },
    async reload(take) {
      try {
        const restart = await take();
        loadedAt = time();
        lastReload = { at: loadedAt, ok: true, problems: [], restart_needed: restart };
        tried(true);
        return restart;
      } catch (error) {
        const problems = error instanceof ConfigError ? error.problems : [unknownProblem(config())];
        const shown = problems.map((problem) =>
          // A flag or a variable is no file.
          toShownProblem(problem, problem.line === 0 ? problem.file : nameOf(problem.file, config())),
        );
        lastReload = { at: time(), ok: false, problems: shown, restart_needed: [] };
        tried(false);
        throw error;
      }
    },
  };
}

async function check(
  given: ReadonlyMap<string, string>,
  config: Pick<Config, 'files'>,
  env: Environment,
  holdsKeys: boolean,
): Promise<ShownCheck> {
  const [mainPath = ''] = config.files;
  const main = nameOf(mainPath, config);
  const running = config.files.map((path) => [nameOf(path, config), textOf(path)] as const);
  const texts = new Map([
    ...running.flatMap(([name, text]) => (text === null ? [] : [[name, text] as const])),
    ...given,
  ]);
  // Whether a variable is set decides whether a file can be loaded; its value stays here.
  const isSet = Object.entries(env).map(([name, value]) => [name, value?.trim() ? 'x' : '']);
  const task = { main, texts, env: Object.fromEntries(isSet), holdsKeys };
  const { problems, read } = await checkInThread(task);
  const unread = [...given.keys()].filter((name) => !read.includes(name)).map((name) => unreadProblem(name, main));
  const shown = [...problems, ...unread].map((problem) => toShownProblem(problem, problem.file));
  return { object: 'config.check', ok: shown.length === 0, problems: shown };
}

function unreadProblem(file: string, main: string): Problem {
  const text = `this file is not read: the main file is ${main}, and its setting registry names the one of the models`;
  return { file, line: 0, column: 0, text };
}

function unknownProblem({ files: [file = ''] }: Pick<Config, 'files'>): Problem {
  return { file, line: 0, column: 0, text: 'it could not be taken up; the log has the reason' };
}

function toShownProblem({ line, column, text }: Problem, file: string): ShownProblem {
  return { file, line, column, message: text, nearest: proposedIn(text) };
}

function nameOf(path: string, { files: [main = ''] }: Pick<Config, 'files'>): string {
  return relative(dirname(main), path);
}

/** Read again: what was loaded is not kept, as it may hold keys. */
function toShownFile(path: string, digest: string, config: Config): ShownFile {
  const text = textOf(path);
  const isLoaded = text !== null && hash('sha256', text) === digest;
  return { name: nameOf(path, config), path, text: isLoaded ? withoutKnown(maskedText(text), config) : null };
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It was there when it was loaded; shown as another one would be.
    return null;
  }
}

/** Shorter ones would be found in common words. */
const MIN_SECRET_CHARS = 8;

/** Keys are hidden where they belong; one that stands at another place as well is not shown there either. */
function withoutKnown(text: string, { providers }: Pick<Config, 'providers'>): string {
  const secrets = [...providers.values()].flatMap(({ apiKeys }) => apiKeys);
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARS)
    .reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
}

function variablesIn(texts: readonly string[], env: Environment): ShownConfig['variables'] {
  const names = new Set(
    texts.flatMap((text) => [...text.matchAll(/\$\{([A-Za-z_]\w*)/g)].map(([, name = '']) => name)),
  );
  return [...names].sort().map((name) => ({ name, is_set: (env[name] ?? '').trim() !== '' }));
}
