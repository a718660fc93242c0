import { posix } from 'node:path';
import { ConfigError, type Problem } from './config-error.ts';
import type { Environment } from './environment.ts';
import { loadConfig } from './load.ts';

/** Files that are to be checked without being taken up. */
export interface CheckTask {
  /** The main file's name. */
  readonly main: string;
  /** Texts by their names, seen from the main file's folder: no other file is read. */
  readonly texts: ReadonlyMap<string, string>;
  /** Of each variable that is set, some text that is not its value. */
  readonly env: Environment;
  /** Whether the database holds keys: without any only a loopback host may be bound. */
  readonly holdsKeys: boolean;
}

/** What a check has found. */
export interface CheckedTexts {
  readonly problems: readonly Problem[];
  /** Names of the files that were read. */
  readonly read: readonly string[];
}

/** Checks files as a reload would, but for what the environment puts into them. */
export function checkTexts({ main, texts, env, holdsKeys }: CheckTask): CheckedTexts {
  const read: string[] = [];
  const readText = (path: string): string => {
    const name = posix.normalize(path);
    const text = texts.get(name);
    if (text === undefined) throw Object.assign(new Error('it is not there'), { code: 'none' });
    read.push(name);
    return text;
  };
  try {
    const { hostProblem } = loadConfig({ path: main, env, read: readText, isBlind: true });
    return { problems: hostProblem !== null && !holdsKeys ? [hostProblem] : [], read };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { problems: error.problems, read };
  }
}
