import { Column } from '../../answer/column.ts';
import { firstCallOf } from '../../answer/first-call.ts';
import { keepSaid, secondOf } from '../../feed/completions.ts';
import type { LoneQuestion } from '../../feed/lone-question.ts';
import { comparison } from './comparison.ts';

/** Sends both at once. @param isBlind hides who is who, and leaves the sides to chance */
export function compare(asked: readonly [LoneQuestion, LoneQuestion], isBlind: boolean): void {
  const [one, other] = asked;
  const isTurned = isBlind && (crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % 2 === 1;
  const columns = [new Column(isTurned ? other : one), new Column(isTurned ? one : other)] as const;
  comparison.value = { question: one.question, columns, isBlind };
}

/** Asks one of the two anew; the other stays. */
export function askAgain(column: Column): void {
  const now = comparison.peek();
  if (now === null) return;
  const [one, other] = now.columns;
  const anew = new Column(column.asked);
  comparison.value = { ...now, columns: one === column ? [anew, other] : [one, anew] };
}

/** So much of a question is a good title. */
const TITLE_CHARS = 60;

/** Makes a conversation of the question and one answer, which knows its call. @returns its id @throws ApiError */
export async function continueWith({ asked, answer, record, requestId }: Column): Promise<string> {
  const { question, settings } = asked;
  const said = [
    ['system', settings.system],
    ['user', question],
    ['assistant', answer.peek().text],
  ] as const;
  const items = said
    .filter(([, content]) => content.trim() !== '')
    .map(([role, content]) => ({ type: 'message', role, content }));
  const at = record.peek()?.created_at;
  const second = at === undefined ? await secondOf(requestId) : Math.floor(Date.parse(at) / 1000);
  const call = second === null ? {} : firstCallOf({ id: requestId, created_at: second });
  return keepSaid({ title: question.trim().slice(0, TITLE_CHARS), ...call }, items);
}
