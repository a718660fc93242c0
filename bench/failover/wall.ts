import { type Answer, type Piece, startProvider } from '../../lab/provider.ts';
import { chatAnswer, chatChunk, chatUsage, DONE, json } from '../../lab/wire-answers.ts';
import { type Behaviour, type Flaws, faultsOf, type Timing } from './faults.ts';
import { OTHER_WORDS, TEXT, WORDS } from './text.ts';

/** One request as the wall saw it. Times in milliseconds since the scenario began. */
export interface WallAttempt {
  readonly model: string;
  readonly atMs: number;
  readonly promptChars: number;
  readonly lastRole: string;
  readonly status: number | null;
  firstTokenAtMs: number | null;
}

/** A provider that misbehaves on demand: the model's name says how. */
export interface Wall {
  readonly baseUrl: string;
  /** Begins a scenario: its clock and its log. */
  reset(): void;
  attempts(model: string): readonly WallAttempt[];
  /** Milliseconds since the scenario began. */
  elapsed(): number;
  close(): void;
}

interface Asked {
  readonly model: string;
  readonly stream?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly messages: readonly { readonly role: string; readonly content: string }[];
}

export async function startWall(timing: Timing): Promise<Wall> {
  const faults = faultsOf(timing);
  let startedAt = performance.now();
  let log: WallAttempt[] = [];
  const elapsed = (): number => performance.now() - startedAt;
  const provider = await startProvider(({ body }) => {
    const asked = JSON.parse(body.toString('utf8')) as Asked;
    const number = log.filter(({ model }) => model === asked.model).length + 1;
    const behaviour = faults[asked.model]?.(number, elapsed());
    if (!behaviour) return refuse({ kind: 'refuse', status: 404, code: 'model_not_found' });
    const attempt = toAttempt(asked, behaviour, elapsed());
    log.push(attempt);
    return behave(asked, behaviour, timing.gapMs, () => {
      attempt.firstTokenAtMs ??= elapsed();
    });
  });
  return {
    baseUrl: `${provider.url}/v1`,
    reset() {
      startedAt = performance.now();
      log = [];
    },
    attempts: (model) => log.filter((attempt) => attempt.model === model),
    elapsed,
    close: () => void provider.close(),
  };
}

function toAttempt({ model, messages }: Asked, behaviour: Behaviour, atMs: number): WallAttempt {
  const promptChars = messages.reduce((sum, { content }) => sum + content.length, 0);
  const status = behaviour.kind === 'refuse' ? behaviour.status : behaviour.kind === 'answer' ? 200 : null;
  return { model, atMs, promptChars, lastRole: messages.at(-1)?.role ?? '', status, firstTokenAtMs: null };
}

function behave(asked: Asked, behaviour: Behaviour, gapMs: number, spoke: () => void): Answer {
  switch (behaviour.kind) {
    case 'refuse':
      return refuse(behaviour);
    case 'reset':
      return { isRaw: true, body: [], end: 'reset' };
    case 'silence':
      return { isRaw: true, body: [{ waitMs: behaviour.ms }], end: 'cut' };
    case 'answer': {
      const words = wordsFor(asked, behaviour);
      if (words === null) return refuse({ kind: 'refuse', status: 400, code: 'invalid_prefill' });
      const { model } = asked;
      if (!asked.stream) return json(chatAnswer({ content: words.join('') }, words.length, 'stop', { model }));
      const isCut = (behaviour.cutAfter ?? behaviour.stall?.after ?? words.length) < words.length;
      const body = streamPieces(asked, { words, flaws: behaviour, gapMs }, spoke);
      return { headers: { 'content-type': 'text/event-stream' }, body, end: isCut ? 'cut' : 'whole' };
    }
    default:
      throw behaviour satisfies never;
  }
}

function refuse({ status, code, retryAfterSeconds }: Behaviour & { kind: 'refuse' }): Answer {
  const type = status < 500 ? 'invalid_request_error' : 'server_error';
  const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return json({ error: { message: `The wall says ${code}.`, type, param: null, code } }, status, headers);
}

/** The words that are still to be said, each with the space before it; null when the beginning is refused. */
function wordsFor({ messages }: Asked, { isInOtherWords, prefix = 'continued' }: Flaws): readonly string[] | null {
  const spaced = (words: readonly string[]): string[] => words.map((word, at) => (at === 0 ? word : ` ${word}`));
  const all = spaced(isInOtherWords ? OTHER_WORDS : WORDS);
  const last = messages.at(-1);
  if (last?.role !== 'assistant' || prefix === 'ignored') return all;
  if (prefix === 'refused') return null;
  const begun = last.content.trim();
  return TEXT.startsWith(begun) ? spaced(WORDS).slice(begun.split(' ').length) : all;
}

interface Speech {
  readonly words: readonly string[];
  readonly flaws: Flaws;
  readonly gapMs: number;
}

function* streamPieces(
  { model, stream_options: options }: Asked,
  { words, flaws, gapMs }: Speech,
  spoke: () => void,
): Generator<Piece> {
  const chunk = (delta: object, finish: string | null = null): string => chatChunk(delta, finish, { model });
  if (flaws.firstTokenMs) yield { waitMs: flaws.firstTokenMs };
  yield chunk({ role: 'assistant', content: '' });
  for (const [at, word] of words.entries()) {
    if (at === flaws.cutAfter) return;
    if (at === flaws.garbageAfter) yield 'data: {"id":"chatcmpl-wall","choices":[{"delta":{"conte\n\n';
    if (at === flaws.stall?.after) {
      yield { waitMs: flaws.stall.ms };
      return;
    }
    yield { waitMs: gapMs };
    spoke();
    yield chunk({ content: word });
  }
  yield chunk({}, 'stop');
  if (options?.include_usage) yield chatUsage(words.length, { model });
  if (!flaws.isWithoutDone) yield DONE;
}
