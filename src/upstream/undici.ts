import { createRequire } from 'node:module';
import type * as Undici from 'undici';

/**
 * The parts of undici that are used, from their files: its index also loads fetch, web sockets, caches and mocks, a third
 * of all code that a start would read. The version in package.json is exact, and tests hold what is used.
 */
const load = createRequire(import.meta.url);

/** Connections to one origin. */
export const Pool = load('undici/lib/dispatcher/pool.js') as typeof Undici.Pool;
/** Makes what opens connections. */
export const buildConnector = load('undici/lib/core/connect.js') as typeof Undici.buildConnector;
/** The errors that undici gives, and takes from a connector. */
export const errors = load('undici/lib/core/errors.js') as typeof Undici.errors;
/** What undici's own API does with a signal while a request waits for a connection: a handler has no public way to it. */
export const { kQueuedAbort } = load('undici/lib/core/symbols.js') as { readonly kQueuedAbort: symbol };
