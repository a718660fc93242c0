import { afterAll, describe, expect, it } from 'vitest';
import { toGatewayError } from '../../src/protocol/errors.ts';
import type { Failure } from '../../src/protocol/failure.ts';
import type { FailureKind } from '../../src/protocol/failure-kinds.ts';
import { forbiddenToolsOf, loadRecordings, type Recording } from '../support/recordings.ts';
import { CHAT, type Replayed, replayStream, replayWhole } from '../support/replay.ts';
import { reportsFailure } from '../support/reported-failure.ts';
import { schemas } from '../support/schemas.ts';
import { checkStream } from '../support/stream-rules.ts';
import { dialectFor } from './replay-dialects.ts';

const recordings = loadRecordings();
const counts = new Map<string, number>();

describe.skipIf(recordings === null)('recorded answers (skipped unless RECORDINGS_DIR is set)', () => {
  const ofKind = (kind: Recording['kind']) => (recordings ?? []).filter((recording) => recording.kind === kind);

  it('finds recordings', () => {
    expect(recordings).not.toHaveLength(0);
  });

  it.each(ofKind('stream'))('$name becomes a strict SSE stream, however it is cut', (recording) => {
    const whole = replay(recording);
    if (reportsFailure(recording)) return expectFailure(whole.failure, recording);
    expect(whole.failure).toBeNull();
    checkStream(whole.text ?? '', { includeUsage: true });
    expectCompletion(whole);
    for (const pieceBytes of [1, 7, 1000]) expect(replay(recording, pieceBytes)).toEqual(whole);
    count(recording, 'streams');
  });

  it.each(ofKind('json'))('$name becomes a strict whole chat.completion', (recording) => {
    const whole = replay(recording);
    if (reportsFailure(recording)) return expectFailure(whole.failure, recording);
    expect(whole.failure).toBeNull();
    expectCompletion(whole);
    count(recording, 'whole answers');
  });

  it.each(ofKind('error'))('$name becomes an error with a documented code', (recording) => {
    const { status, headers, body } = recording;
    expectFailure(dialectFor(recording.api).failure(status, headers, body.toString('utf8'), 0), recording);
  });

  afterAll(() => {
    const lines = [...counts].sort(([a], [b]) => a.localeCompare(b)).map(([what, number]) => `  ${what}: ${number}`);
    process.stdout.write(`Recorded answers replayed:\n${lines.join('\n')}\n`);
  });
});

function replay(recording: Recording, pieceBytes?: number): Replayed {
  const dialect = dialectFor(recording.api);
  const chat = { ...CHAT, ...forbiddenToolsOf(recording) };
  if (recording.kind === 'json') return replayWhole(dialect, recording.body, chat);
  return replayStream(dialect, recording.body, pieceBytes, chat);
}

function expectCompletion({ completion }: Replayed): void {
  expect(schemas?.completion(completion) ?? null).toBeNull();
}

/** The status and the words of a failure, by the table of what clients get. */
const STATUS: Readonly<Record<FailureKind, readonly number[]>> = {
  'rate-limited': [429],
  quota: [402, 429],
  overloaded: [503],
  server: [502],
  unreachable: [502],
  timeout: [504],
  unauthorized: [502],
  'not-found': [404],
  'wrong-address': [502],
  'context-length': [400],
  'content-policy': [400],
  'invalid-request': [400],
  interrupted: [502],
  'other-words': [],
  'lost-race': [],
  'over-limit': [],
};

/** What an HTTP status may mean; a 400 may mean several things. */
const KINDS_OF_STATUS: Readonly<Record<number, readonly FailureKind[]>> = {
  400: ['invalid-request', 'not-found', 'context-length', 'content-policy', 'unauthorized'],
  401: ['unauthorized'],
  402: ['quota'],
  403: ['unauthorized', 'content-policy', 'server', 'invalid-request'],
  404: ['not-found', 'invalid-request'],
  429: ['rate-limited', 'quota'],
  503: ['overloaded'],
};

function expectFailure(failure: Failure | null, recording: Recording): void {
  if (failure === null) throw new Error(`${recording.name} carries an error and was passed off as an answer`);
  const kinds = KINDS_OF_STATUS[recording.status];
  if (kinds) expect(kinds).toContain(failure.kind);
  expect(failure.message).not.toBe('');
  const error = toGatewayError(failure);
  expect(STATUS[failure.kind]).toContain(error.status);
  expect(schemas?.error(error.toBody()) ?? null).toBeNull();
  count(recording, `failures, ${failure.kind}`);
}

function count(recording: Recording, what: string): void {
  const key = `${recording.provider}, ${what}`;
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
