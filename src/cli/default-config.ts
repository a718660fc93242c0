import { lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The main file where none is named, in the working directory. */
export const DEFAULT_CONFIG = join('config', 'gateway.yaml');

/** The files that come with the program; `src/cli` and `dist/cli` are equally far from them. */
export const PACKAGED_FOLDER = fileURLToPath(new URL('../../config', import.meta.url));

/** What is served where nothing is configured. */
const PACKAGED_CONFIG = join(PACKAGED_FOLDER, 'gateway.yaml');

/** The file that is read when none is named: the default one, and where there is none, that of the package. */
export function findDefaultConfig(path: string = DEFAULT_CONFIG): string {
  try {
    // Not what a link leads to: a link to nothing was meant to be a configuration.
    lstatSync(path);
    return path;
  } catch (error) {
    // Whatever else is wrong with it, reading it will tell: it may have the keys without which the gateway is open.
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? PACKAGED_CONFIG : path;
  }
}

/** The files of a configuration as they are told to the operator. */
export function filesText(files: readonly string[]): string {
  if (files[0] !== PACKAGED_CONFIG) return files.join(', ');
  return `the defaults of the package: there is no ${DEFAULT_CONFIG} here ("sluice init" writes one)`;
}

/** The folder of {@link DEFAULT_CONFIG}. */
export const CONFIG_FOLDER = dirname(DEFAULT_CONFIG);
