import { Agent, request } from 'undici';
import { type AnswerReader, createAnswerReader, emptyAnswer, type ReadAnswer } from '../../lab/answer-reader.ts';

/** What the caller has in hand at the end. Times in milliseconds since the call began. */
export interface Result extends Pick<ReadAnswer, 'text' | 'model' | 'hasUsage' | 'isDone'> {
  readonly outcome: 'answer' | 'error' | 'hang';
  readonly firstTokenMs: number | null;
  readonly wallMs: number;
  /** The error's code, or what broke; empty for an answer. */
  readonly detail: string;
}

const QUESTION = 'In exactly sixty words: when does a gateway earn trust?';
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });

/** Streams one answer, as a plain OpenAI client would. @param maxMs longer is a hang */
export async function ask(url: string, model: string, maxMs: number): Promise<Result> {
  const startedAt = performance.now();
  let reader: AnswerReader | null = null;
  let [isHang, broke] = [false, ''];
  try {
    reader = await post(url, { model, stream: true, stream_options: { include_usage: true } }, maxMs + 1000);
    await reader.finish();
  } catch (error) {
    isHang = error instanceof Error && error.name === 'TimeoutError';
    broke = isHang ? 'nothing more came' : String(error);
  }
  const { status, firstTextAt, code, ...heard } = reader?.answer ?? emptyAnswer(200, {});
  const detail = broke || (code ?? (status === 200 ? '' : `HTTP ${status}`));
  const outcome = isHang ? 'hang' : detail === '' ? 'answer' : 'error';
  const firstTokenMs = firstTextAt === null ? null : firstTextAt - startedAt;
  return { ...heard, outcome, firstTokenMs, wallMs: performance.now() - startedAt, detail };
}

/** A whole answer of a healthy model; null when there is none within ten seconds. */
export async function askPlainly(url: string, model: string): Promise<string | null> {
  try {
    return (await (await post(url, { model }, 10_000)).finish()).text || null;
  } catch {
    // Dead is dead, whatever it died of.
    return null;
  }
}

async function post(url: string, body: object, timeoutMs: number): Promise<AnswerReader> {
  const answer = await request(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer any' },
    body: JSON.stringify({ messages: [{ role: 'user', content: QUESTION }], ...body }),
    signal: AbortSignal.timeout(timeoutMs),
    dispatcher,
  });
  return createAnswerReader(answer);
}
