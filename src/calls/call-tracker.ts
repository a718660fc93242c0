import { GatewayError } from '../protocol/errors.ts';
import { abortCall, type Call } from './call.ts';
import { createEndedCalls, type EndedCall } from './ended-calls.ts';
import { createKeptStreams } from './kept-streams.ts';
import { type CallPlace, createLiveCalls, placeOf } from './live-calls.ts';
import type { ResumableStream } from './readers.ts';
import { type CallSummary, type Summarizable, summarize, withoutContent } from './summary.ts';

/** Ended calls that stay visible: this many of all keys together, this long. */
const MAX_ENDED = 1000;
const ENDED_MS = 10 * 60_000;
/** All replays of ended streams together; each is bounded by `resume.max_bytes`. */
const MAX_REPLAY_BYTES = 256 * 1024 * 1024;

/** A page of calls. */
interface CallPage {
  readonly calls: readonly CallSummary[];
  /** Where the next page begins; null at the end. */
  readonly next: CallPlace | null;
}

/** Every call in flight, and those that ended a little while ago, each under the name of its key. */
export interface CallTracker {
  readonly size: number;
  /** @throws GatewayError 409 `request_id_in_use` when a call of the same key with one of its names is in flight */
  add(call: Call): void;
  /** @throws GatewayError 409 `request_id_in_use` when a call of the key in flight has this name */
  refuseInUse(keyId: string, name: string): void;
  /** Whether a call is in flight. */
  has(keyId: string, id: string): boolean;
  /** The call is over: its content is let go, what a summary needs stays for a while. */
  end(call: Call): void;
  /** Calls in flight of one key, or with null of all, the oldest first: at most `limit`, from the `next` of the page before on. */
  list(keyId: string | null, limit: number, after: CallPlace | null): CallPage;
  /** How many calls in flight each provider is answering, by its name. */
  byProvider(): ReadonlyMap<string, number>;
  /** Calls in flight of one key, or with null of all, as they came: themselves, for who looks at them at once. */
  running(keyId: string | null): readonly Call[];
  /** Calls that ended within ten minutes, of one key, or with null of all, in the order in which they ended. */
  ended(keyId: string | null): readonly EndedCall[];
  /** @throws GatewayError 404 `request_not_found` */
  find(keyId: string, id: string): CallSummary;
  /**
   * Cancels; again for one that is cancelled is the same.
   * @throws GatewayError 404 `request_not_found`, 409 `request_completed`
   */
  cancel(keyId: string, id: string): CallSummary;
  /** Cancels all calls of a key, or of an organisation and its teams, by the id of its scope. */
  cancelScope(scope: string): void;
  /** A resumable stream, also for a while after its end. @throws GatewayError 404, 409, 410 */
  stream(keyId: string, id: string): ResumableStream;
  openStream(call: Call, stream: ResumableStream): void;
  /** The stream is over and can be replayed for `keepMs`: its headers are fixed, the call is let go. */
  closeStream(call: Call, keepMs: number): void;
  abortAll(reason: () => GatewayError): void;
}

/** @param now milliseconds since the epoch */
export function createCallTracker(now: () => number): CallTracker {
  const live = createLiveCalls();
  const ended = createEndedCalls(MAX_ENDED, ENDED_MS);
  const streams = new Map<string, ResumableStream>();
  const endedStreams = createKeptStreams(MAX_REPLAY_BYTES, now);
  const nameOf = (keyId: string, id: string): string => `${keyId}\n${id}`;
  const aliases = new Map<string, string>();
  /** The id of a call under whichever of its names. */
  const idOf = (keyId: string, name: string): string => aliases.get(nameOf(keyId, name)) ?? name;
  const refuseInUse = (keyId: string, name: string): void => {
    if (!live.find(keyId, idOf(keyId, name))) return;
    throw new GatewayError('request_id_in_use', `A request with the id '${name}' is in flight. Send another id.`);
  };
  const nameOfCall = (call: Call): string => nameOf(call.key.id, call.id);

  const isRecent = ({ endedAt }: Summarizable): boolean => endedAt === null || now() - endedAt <= ENDED_MS;
  const find = (keyId: string, name: string): CallSummary => {
    const id = idOf(keyId, name);
    const call = live.find(keyId, id) ?? ended.find(keyId, id);
    if (call && isRecent(call)) return summarize(call, now());
    const later = 'Ended ones are kept for ten minutes, and after that found by GET /v1/requests?state=ended.';
    throw new GatewayError('request_not_found', `There is no request '${id.slice(0, 128)}'. ${later}`);
  };
  return {
    get size() {
      return live.size;
    },
    add(call) {
      const { key, id, alias } = call;
      refuseInUse(key.id, id);
      if (alias !== null) refuseInUse(key.id, alias);
      live.add(call);
      // From now on the names mean this call.
      if (aliases.size > 0) aliases.delete(nameOf(key.id, id));
      if (alias !== null) remember(aliases, nameOf(key.id, alias), id);
      endedStreams.drop(call.key.id, call.id);
    },
    refuseInUse,
    has: (keyId, name) => live.find(keyId, idOf(keyId, name)) !== undefined,
    end(call) {
      live.remove(call);
      ended.add(withoutContent(call), call.endedAt ?? now());
    },
    list(keyId, limit, after) {
      const calls = live.of(keyId, after);
      const shown = calls.slice(0, limit);
      const last = calls.length > limit ? shown.at(-1) : undefined;
      return { calls: shown.map((call) => summarize(call, now())), next: last === undefined ? null : placeOf(last) };
    },
    byProvider() {
      const counts = new Map<string, number>();
      for (const { currentAttempt } of live.all()) {
        if (currentAttempt === null || currentAttempt.endedAt !== null) continue;
        const { name } = currentAttempt.target.provider;
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
      return counts;
    },
    running: (keyId) => live.of(keyId, null),
    ended: (keyId) => ended.of(keyId).filter(({ call }) => isRecent(call)),
    find,
    cancel(keyId, name) {
      const id = idOf(keyId, name);
      const call = live.find(keyId, id);
      const reason = new GatewayError('request_cancelled', 'The request was cancelled.');
      if (call) abortCall(call, reason, now());
      const summary = find(keyId, id);
      // The call itself ends in a moment; who cancels it again is told the same.
      if (call) return { ...summary, state: 'cancelled', error: { code: reason.code, message: reason.message } };
      if (summary.state === 'cancelled') return summary;
      throw new GatewayError('request_completed', `The request '${id}' is over (${summary.state}): nothing to cancel.`);
    },
    cancelScope(scope) {
      const reason = new GatewayError('request_cancelled', 'The request was cancelled: its key may not call any more.');
      const calls = live.all().filter(({ key }) => key.scopes.some(({ id }) => id === scope));
      for (const call of calls) abortCall(call, reason, now());
    },
    stream(keyId, id) {
      const stream = streams.get(nameOf(keyId, id)) ?? endedStreams.find(keyId, id);
      if (stream) return stream;
      if (find(keyId, id).resumable) throw new GatewayError('stream_expired', 'The stream is no longer kept.');
      const message = `The request '${id}' was not started with x-sluice-resumable: true.`;
      throw new GatewayError('request_not_resumable', message);
    },
    openStream: (call, stream) => void streams.set(nameOfCall(call), stream),
    closeStream(call, keepMs) {
      const stream = streams.get(nameOfCall(call));
      streams.delete(nameOfCall(call));
      if (!stream || keepMs === 0) return;
      const { replay, readers } = stream;
      const headers = stream.headers();
      const kept = { replay, readers, headers: () => headers };
      endedStreams.add(call.key.id, call.id, kept, keepMs);
    },
    abortAll(reason) {
      for (const call of live.all()) abortCall(call, reason(), now());
    },
  };
}

/** More names than calls are remembered have no use. */
const MAX_ALIASES = 10_000;

function remember(aliases: Map<string, string>, name: string, id: string): void {
  const [oldest] = aliases.keys();
  if (aliases.size >= MAX_ALIASES && oldest !== undefined) aliases.delete(oldest);
  aliases.set(name, id);
}
