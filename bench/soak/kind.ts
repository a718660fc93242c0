import { equal } from 'node:assert/strict';
import type { ReadAnswer } from '../../lab/answer-reader.ts';
import type { Caller, Manner } from './client.ts';
import { TEXT } from './text.ts';

/** One kind of call: what is asked, and what has to come of it. */
export interface Kind {
  readonly name: string;
  /** Its part of the mix, beside those of the others. */
  readonly share: number;
  /** What the usage log has to say of it; null where there is nothing to put on record. */
  readonly outcome: 'completed' | 'failed' | 'cancelled' | null;
  /** @throws when something else came */
  run(caller: Caller): Promise<void>;
}

interface Asking {
  readonly stream?: boolean;
  /** Stands before the word by which the provider knows the call. */
  readonly prompt?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly more?: object;
}

/** A chat call for this model. */
export function chat({ id }: Caller, model: string, { stream, prompt, headers, more }: Asking = {}): Manner {
  const messages = [{ role: 'user', content: `${prompt ?? 'When does a gateway earn trust?'} ${id}` }];
  return { body: { model, messages, ...(stream && { stream }), ...more }, ...(headers && { headers }) };
}

/** A whole answer, streamed or not, with the right text. */
export function expectAnswer(answer: ReadAnswer, text: string = TEXT): void {
  equal(answer.code, null);
  equal(answer.status, 200);
  if (answer.text !== text) throw new Error(`${answer.text.length} characters, ending with: ${answer.text.slice(-80)}`);
  const isStream = String(answer.headers['content-type']).startsWith('text/event-stream');
  equal(answer.isDone, isStream, 'a stream ends with [DONE]');
}

/** An error, with its status, or at the end of a stream that had begun (status 200). */
export function expectError(answer: ReadAnswer, status: number, code: string): void {
  equal(answer.code, code);
  equal(answer.status, status);
  equal(answer.isDone, false, 'what failed has no [DONE]');
}

/** How many attempts the answer took. */
export function expectAttempts({ headers }: ReadAnswer, attempts: number): void {
  equal(headers['x-sluice-attempts'], String(attempts), 'attempts');
}
