import { constants, copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_CONFIG, PACKAGED_FOLDER } from './default-config.ts';
import { toText } from './table.ts';

/** What the command line says. */
export interface InitOptions {
  /** Where the files go; made where it is missing. */
  readonly folder: string;
}

/** The last two are for editors: the first lines of the others name them. */
const FILES = ['gateway.yaml', 'models.yaml', 'gateway.schema.json', 'models.schema.json'] as const;

/** Writes the commented pair of configuration files, and keeps what is there. Gives what it has to say. */
export function init({ folder }: InitOptions): string {
  mkdirSync(folder, { recursive: true });
  const lines = FILES.map((name) => {
    const file = join(folder, name);
    return isWritten(join(PACKAGED_FOLDER, name), file) ? `wrote  ${file}` : `kept   ${file}: it was there already`;
  });
  const main = join(folder, FILES[0]);
  const option = main === DEFAULT_CONFIG ? '' : ` --config ${main}`;
  return toText([
    ...lines,
    '',
    'Next: set the key of a provider, in the environment or in a file .env, as OPENAI_API_KEY=… (the model demo needs none);',
    `then "sluice check${option}" shows the models, and "sluice${option}" serves them.`,
  ]);
}

/** False when the file is there. */
function isWritten(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
