import { createChance } from '../../lab/chance.ts';
import type { ClientTool } from '../../src/languages/responses/client-call-items.ts';
import type { ResponsesWriterOptions } from '../../src/languages/responses/client-writer-options.ts';
import {
  type ChunkDelta,
  choiceDelta,
  type Delta,
  type FinishReason,
  type ToolCallDelta,
  toUsage,
} from '../../src/protocol/delta.ts';
import { GatewayError } from '../../src/protocol/errors.ts';
import type { CodeRunDelta, ServerStep } from '../../src/protocol/hosted-delta.ts';
import { ECHO } from './responses-writer.ts';

/** An answer as some provider may give it. */
export interface RandomAnswer {
  readonly batches: readonly (readonly Delta[])[];
  readonly options: Partial<ResponsesWriterOptions>;
  /** How it breaks off; null where it comes to an end. */
  readonly error: GatewayError | null;
}

const WORDS = ['Hello', ' wörld', '\n', ' "quoted" \\', '😀', '[1]', ' and', ' so', '\ud83d', '\ude00'];
const ERRORS = ['upstream_timeout', 'request_cancelled', 'rate_limit_exceeded', 'context_length_exceeded'] as const;
const ENDS: readonly FinishReason[] = ['stop', 'tool_calls', 'length', 'content_filter', 'function_call'];
const TOOLS: readonly ClientTool[] = [
  { kind: 'function', name: 'look', namespace: null },
  { kind: 'function', name: 'send', namespace: 'mail' },
  { kind: 'custom', name: 'patch', namespace: null },
  { kind: 'tool_search', name: 'tool_search', namespace: null },
];
const WEB_SEARCH = { type: 'web_search' };

/** Everything that a delta can say, in any order and cut anywhere. */
export function randomAnswer(seed: number): RandomAnswer {
  const chance = createChance(seed);
  const maker = new AnswerMaker(chance);
  const steps = 1 + Math.floor(chance() * 30);
  const deltas: Delta[] = [];
  for (let step = 0; step < steps; step++) deltas.push(maker.next());
  const breaksOff = chance() < 0.2;
  const finish = pick(ENDS, chance);
  if (!breaksOff) deltas.push(...(finish === 'length' ? [] : maker.rest()), choiceDelta(0, {}, finish));
  const error = breaksOff ? new GatewayError(pick(ERRORS, chance), 'It broke off.', { retryAfterMs: 2000 }) : null;
  return { batches: inBatches(deltas, chance), options: randomOptions(chance), error };
}

function randomOptions(chance: () => number): Partial<ResponsesWriterOptions> {
  const echo = chance() < 0.5 ? ECHO : { ...ECHO, tools: [WEB_SEARCH] };
  return {
    echo,
    includes: new Set(chance() < 0.5 ? ['web_search_call.action.sources'] : []),
    showsObfuscation: chance() < 0.2,
    toolNames: { clientNameOf: (name) => TOOLS[Number(name)] ?? { kind: 'function', name, namespace: null } },
  };
}

function inBatches(deltas: readonly Delta[], chance: () => number): Delta[][] {
  const batches: Delta[][] = [[]];
  for (const delta of deltas) {
    if (chance() < 0.6) batches.push([]);
    batches.at(-1)?.push(delta);
  }
  return batches;
}

function pick<T>(list: readonly T[], chance: () => number): T {
  return list[Math.floor(chance() * list.length)] as T;
}

class AnswerMaker {
  readonly #chance: () => number;
  /** What of the arguments of each call is still to come. */
  readonly #arguments: { rest: string; readonly isCustom: boolean }[] = [];
  #chars = 0;
  #runs = 0;

  constructor(chance: () => number) {
    this.#chance = chance;
  }

  next(): Delta {
    const kind = Math.floor(this.#chance() * 17);
    if (kind < 3) return this.#words();
    if (kind < 5) return choiceDelta(0, { reasoning_content: this.#word() });
    if (kind === 5) return choiceDelta(0, { reasoning_details: [this.#detail()] });
    if (kind === 6) return choiceDelta(0, { refusal: this.#word() });
    if (kind === 7) return choiceDelta(0, { images: [{ image_url: { url: 'data:image/png;base64,AAAA' } }] });
    if (kind === 8) return choiceDelta(0, { annotations: [this.#annotation()] });
    if (kind === 9) return choiceDelta(0, { content: '', extra_content: this.#signature() });
    if (kind === 10) return this.#other();
    if (kind === 16) return choiceDelta(0, { server_steps: [this.#step()] });
    if (kind > 13) return choiceDelta(0, { code_runs: [this.#run()] });
    return choiceDelta(0, this.#call());
  }

  /** The arguments that were begun, to their end. */
  rest(): Delta[] {
    return this.#arguments.map((_, index) =>
      choiceDelta(0, { tool_calls: [this.#goOn(index, Number.POSITIVE_INFINITY)] }),
    );
  }

  #word(): string {
    return pick(WORDS, this.#chance);
  }

  #words(): Delta {
    const content = this.#word();
    this.#chars += content.length;
    if (this.#chance() < 0.8) return choiceDelta(0, { content });
    const token = { token: content, logprob: -1, bytes: null };
    return {
      ...choiceDelta(0, { content }),
      logprobs: { content: [{ ...token, top_logprobs: [token] }], refusal: null },
    };
  }

  #detail(): object {
    const index = Math.floor(this.#chance() * 2);
    if (this.#chance() < 0.4) return { type: 'reasoning.encrypted', data: this.#word(), index };
    return { type: 'reasoning.summary', summary: this.#word(), index };
  }

  #annotation(): NonNullable<ChunkDelta['annotations']>[number] {
    const start_index = Math.floor(this.#chance() * (this.#chars + 1));
    const cited = {
      start_index,
      end_index: this.#chars,
      url: 'https://a.example/x',
      title: this.#chance() < 0.5 ? '' : 'A',
    };
    return { type: 'url_citation', url_citation: cited };
  }

  #signature(): NonNullable<ChunkDelta['extra_content']> {
    return { google: { thought_signature: `sig${this.#chance()}` } };
  }

  #other(): Delta {
    const others: Delta[] = [
      { type: 'usage', usage: toUsage({ prompt: 3, completion: 4, cached: 1 }) },
      { type: 'answer', fields: { service_tier: 'default' } },
      {
        type: 'answer',
        fields: { citations: ['https://b.example/'], search_results: [{ url: 'https://c.example/' }] },
      },
      choiceDelta(1, { content: 'of another choice' }, 'stop'),
    ];
    return pick(others, this.#chance);
  }

  /** A new one, or more of one that was begun. */
  #run(): CodeRunDelta {
    const index = Math.floor(this.#chance() * (this.#runs + 1));
    this.#runs = Math.max(this.#runs, index + 1);
    const container = this.#chance() < 0.5 ? { container: 'cntr_1' } : {};
    const signed = this.#chance() < 0.3 ? { signature: this.#word() } : {};
    const code = this.#chance() < 0.7 ? { code: this.#word() } : {};
    if (this.#chance() < 0.3) return { index, ...container, ...signed, ...code };
    const outcome = this.#chance() < 0.8 ? 'completed' : 'failed';
    return { index, ...code, output: this.#word(), ...(this.#chance() < 0.7 ? { outcome } : {}) };
  }

  #step(): ServerStep {
    const error = this.#chance() < 0.7 ? null : this.#word();
    const done = { server: 'docs', error };
    if (this.#chance() < 0.4) return { type: 'list', ...done, tools: [{ name: 'read', input_schema: {} }] };
    const output = error === null ? this.#word() : null;
    return { type: 'call', ...done, name: 'read', arguments: JSON.stringify({ a: this.#word() }), output };
  }

  #call(): ChunkDelta {
    const open = Math.floor(this.#chance() * this.#arguments.length * 1.5);
    if (open < this.#arguments.length) {
      return { tool_calls: [this.#goOn(open, 1 + Math.floor(this.#chance() * 8))] };
    }
    const calls = [this.#begin()];
    if (this.#chance() < 0.2) calls.push(this.#begin());
    return { tool_calls: calls };
  }

  #begin(): ToolCallDelta {
    const index = this.#arguments.length;
    const isCustom = this.#chance() < 0.2;
    const input = `${this.#word()}${this.#word()}`;
    this.#arguments.push({ rest: isCustom ? input : JSON.stringify({ input }), isCustom });
    const id = this.#chance() < 0.1 ? 'call_again' : `call_${index}`;
    const name = String(Math.floor(this.#chance() * (TOOLS.length + 1)));
    const extra = this.#chance() < 0.3 ? { extra_content: this.#signature() } : {};
    if (isCustom) return { index, id, type: 'custom', custom: { name: 'native', input: '' }, ...extra };
    return { index, id, type: 'function', function: { name, arguments: '' }, ...extra };
  }

  #goOn(index: number, chars: number): ToolCallDelta {
    const call = this.#arguments[index];
    const piece = call?.rest.slice(0, chars) ?? '';
    if (call) call.rest = call.rest.slice(chars);
    return call?.isCustom ? { index, custom: { input: piece } } : { index, function: { arguments: piece } };
  }
}
