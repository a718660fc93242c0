import { ok } from 'node:assert/strict';
import { chat, expectAnswer, expectAttempts, expectError, type Kind } from './kind.ts';
import { TEXT } from './text.ts';

interface Healing {
  readonly stream?: boolean;
  /** Where it is certain. */
  readonly attempts?: number;
}

/** The provider fails, and the caller gets a whole answer all the same. */
const healed = (name: string, share: number, model: string, { stream = true, attempts }: Healing = {}): Kind => ({
  name,
  share,
  outcome: 'completed',
  async run(caller) {
    const answer = await caller.ask(chat(caller, model, { stream }));
    expectAnswer(answer);
    if (attempts !== undefined) expectAttempts(answer, attempts);
  },
});

/** Nothing helps, and the caller is told. */
const told = (name: string, share: number, model: string, status: number, code: string, headers = {}): Kind => ({
  name,
  share,
  outcome: 'failed',
  async run(caller) {
    const answer = await caller.ask(chat(caller, model, { stream: true, headers }));
    expectError(answer, status, code);
    ok(TEXT.startsWith(answer.text), 'what was told is the beginning of the answer');
  },
});

/** The gateway refuses before it asks anybody: nothing to put on record. */
const refused = (name: string, share: number, body: object | string, status: number, code: string): Kind => ({
  name,
  share,
  outcome: null,
  run: async (caller) => expectError(await caller.ask({ body }), status, code),
});

const MESSAGES = [{ role: 'user', content: 'Hello?' }];

/** Calls with which something is wrong, on their side or the provider's. */
export const FAULTS: readonly Kind[] = [
  healed('429 with retry-after-ms, once', 15, 'once-429', { attempts: 2 }),
  healed('500, once', 10, 'once-500', { stream: false, attempts: 2 }),
  healed('500, once, Gemini', 5, 'gemini-once-500', { attempts: 2 }),
  healed('connection reset, once', 15, 'once-reset', { attempts: 2 }),
  healed('cut stream, continued', 12, 'cut-prefill'),
  healed('cut stream, begun anew', 8, 'cut-anew'),
  healed('cut stream, Gemini', 5, 'gemini-cut'),
  healed('garbage in a stream', 8, 'garbage'),
  healed('stalled stream', 5, 'stalls'),
  healed('silence, then a fallback', 8, 'silent-first', { attempts: 2 }),
  healed('hedge that wins', 12, 'late', { attempts: 2 }),
  healed('hedge, a close race', 10, 'close'),
  healed('outage, breaker open', 12, 'outage'),
  told('500 for good', 6, 'broken', 502, 'upstream_error'),
  told('400 of the provider', 6, 'refuses', 400, 'invalid_request_error'),
  told('cut stream, nobody helps', 6, 'cut', 200, 'upstream_stream_interrupted'),
  told('deadline of the call', 5, 'silent', 504, 'upstream_timeout', { 'x-sluice-timeout': '100ms' }),
  refused('bad JSON', 8, '{"model":', 400, 'invalid_json'),
  refused('no messages', 8, { model: 'burst' }, 400, 'missing_required_parameter'),
  refused('unknown model', 10, { model: 'unheard-of', messages: MESSAGES }, 404, 'model_not_found'),
];
