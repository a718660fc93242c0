import { createParser } from 'eventsource-parser';

/** What the caller has in hand at the end. Times in milliseconds since the call began. */
export interface Result {
  readonly outcome: 'answer' | 'error' | 'hang';
  readonly text: string;
  readonly model: string | null;
  readonly hasUsage: boolean;
  /** The stream ended with `[DONE]`, as every good one does. */
  readonly isDone: boolean;
  readonly firstTokenMs: number | null;
  readonly wallMs: number;
  /** The error's code, or what broke; empty for an answer. */
  readonly detail: string;
}

interface Heard {
  text: string;
  model: string | null;
  hasUsage: boolean;
  isDone: boolean;
  firstTokenMs: number | null;
  error: string | null;
}

const QUESTION = 'In exactly sixty words: when does a gateway earn trust?';

/** Streams one answer, as a plain OpenAI client would. @param maxMs longer is a hang */
export async function ask(url: string, model: string, maxMs: number): Promise<Result> {
  const startedAt = performance.now();
  const elapsed = (): number => performance.now() - startedAt;
  const heard: Heard = { text: '', model: null, hasUsage: false, isDone: false, firstTokenMs: null, error: null };
  try {
    const response = await post(url, { model, stream: true, stream_options: { include_usage: true } }, maxMs + 1000);
    if (response.status === 200) await listen(response, heard, elapsed);
    else heard.error = codeIn(await response.json()) ?? `HTTP ${response.status}`;
  } catch (error) {
    const isHang = error instanceof Error && error.name === 'TimeoutError';
    if (isHang) return { ...heard, outcome: 'hang', wallMs: elapsed(), detail: 'nothing more came' };
    heard.error = error instanceof Error ? error.message : String(error);
  }
  const { error, ...rest } = heard;
  return { ...rest, outcome: error === null ? 'answer' : 'error', wallMs: elapsed(), detail: error ?? '' };
}

/** A whole answer of a healthy model; null when there is none within ten seconds. */
export async function askPlainly(url: string, model: string): Promise<string | null> {
  try {
    const response = await post(url, { model }, 10_000);
    const body = (await response.json()) as { choices?: { message?: { content?: string } }[] };
    return body.choices?.[0]?.message?.content ?? null;
  } catch {
    // Dead is dead, whatever it died of.
    return null;
  }
}

function post(url: string, body: object, timeoutMs: number): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ messages: [{ role: 'user', content: QUESTION }], ...body }),
    signal: AbortSignal.timeout(timeoutMs),
  });
}

/** Reads to the end of the body: `[DONE]` is noted, not needed. */
async function listen(response: Response, heard: Heard, elapsed: () => number): Promise<void> {
  const decoder = new TextDecoder();
  const parser = createParser({ onEvent: ({ data }) => hear(data, heard, elapsed) });
  for await (const bytes of response.body ?? []) parser.feed(decoder.decode(bytes, { stream: true }));
}

interface Chunk {
  readonly model?: string;
  readonly usage?: object | null;
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
}

function hear(data: string, heard: Heard, elapsed: () => number): void {
  if (data === '[DONE]') {
    heard.isDone = true;
    return;
  }
  const chunk = JSON.parse(data) as Chunk;
  const code = codeIn(chunk);
  if (code !== null) {
    heard.error = code;
    return;
  }
  heard.model = chunk.model ?? heard.model;
  heard.hasUsage ||= Boolean(chunk.usage);
  const content = chunk.choices?.[0]?.delta?.content;
  if (!content) return;
  heard.firstTokenMs ??= elapsed();
  heard.text += content;
}

function codeIn(body: unknown): string | null {
  const { error } = body as { error?: { code?: string | null } };
  return error ? String(error.code) : null;
}
