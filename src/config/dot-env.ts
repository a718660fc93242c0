import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';

/** The file whose variables stand beside those of the environment, in the working directory. */
export const DOT_ENV = '.env';

/**
 * The environment as a (re)load sees it: the variables of the file as it is now, under those that the process was
 * started with. What is gone from the file is gone.
 * @param real the environment of the process, from before the file was read into it
 * @throws ConfigError when the file is there and cannot be read
 */
export function withDotEnv(real: Environment, path: string = DOT_ENV): Environment {
  return { ...readDotEnv(path), ...real };
}

function readDotEnv(path: string): Environment {
  try {
    return parseEnv(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path)));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    const reason = code.startsWith('ERR_ENCODING') ? 'it is not text in UTF-8' : code;
    throw new ConfigError([{ file: path, line: 1, column: 1, text: `this file cannot be read (${reason})` }]);
  }
}
