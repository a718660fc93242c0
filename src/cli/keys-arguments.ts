import { didYouMean } from '../config/nearest.ts';
import { CommandLineError } from './command-line-error.ts';

/** What `sluice keys` is asked to do. */
export interface KeysOptions {
  readonly configPath: string;
  readonly action: KeysAction;
  /** A hash, or its beginning; empty where the action is for none. */
  readonly hash: string;
  /** Those flags that were given. */
  readonly flags: KeysFlags;
  /** Whether programs read it. */
  readonly isJson: boolean;
}

/** Values of flags, as they were typed. */
export type KeysFlags = Readonly<Partial<Record<keyof typeof KEY_FLAGS, string | undefined>>>;

export type KeysAction = (typeof ACTIONS)[number];

const ACTIONS = ['create', 'list', 'show', 'disable', 'enable', 'rotate', 'reset', 'delete'] as const;

/** Flags of this command alone. */
export const KEY_FLAGS = {
  name: ['keys'],
  kind: ['keys'],
  org: ['keys'],
  models: ['keys'],
  routes: ['keys'],
  expires: ['keys'],
  limit: ['keys'],
  'limit-reset': ['keys'],
  rpm: ['keys'],
  tpm: ['keys'],
  grace: ['keys'],
  window: ['keys'],
} as const;

/** Which actions know a flag, where not only `create` does. */
const FLAGS_OF: Readonly<Record<string, readonly KeysAction[]>> = {
  org: ['create', 'list'],
  grace: ['rotate'],
  window: ['reset'],
};

/** @param positionals after the options were taken out: `keys`, the action, a hash. @throws CommandLineError */
export function toKeysOptions(
  configPath: string,
  [, word = '', hash = '', extra]: readonly string[],
  { json: isJson = false, ...flags }: KeysFlags & { readonly json?: boolean | undefined },
): KeysOptions {
  const action = ACTIONS.find((known) => known === word);
  if (action === undefined) {
    const hint = didYouMean(word, ACTIONS);
    throw new CommandLineError(`keys: expected ${ACTIONS.join(', ')}, found '${word}'${hint}`);
  }
  const takesHash = action !== 'create' && action !== 'list';
  if (extra !== undefined || (hash !== '' && !takesHash))
    throw new CommandLineError(`keys ${action}: expected nothing more, found '${extra ?? hash}'`);
  if (takesHash && !/^[0-9a-f]{6,64}$/.test(hash))
    throw new CommandLineError(`keys ${action}: expected the hash of a key, or at least its first six digits`);
  const given = Object.entries(flags).filter(([flag]) => Object.hasOwn(KEY_FLAGS, flag));
  for (const [flag] of given) {
    if (!(FLAGS_OF[flag] ?? ['create']).includes(action))
      throw new CommandLineError(`--${flag}: keys ${action} does not take it`);
  }
  if (action === 'create' && flags.name === undefined) throw new CommandLineError('keys create: expected --name');
  return { configPath, action, hash, flags: Object.fromEntries(given), isJson };
}
