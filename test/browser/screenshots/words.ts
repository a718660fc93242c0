/** What is asked in the chat: the answer has code, a table and a list. */
export const CODE_QUESTION = 'Write a debounce in TypeScript, and tell me when to throttle instead.';
/** What two models are asked. */
export const PLAIN_QUESTION = 'Why do tides come twice a day?';

const CODE_ANSWER = `A **debounce** waits until the calls have stopped, and then makes the last of them:

\`\`\`ts
export function debounce<A extends unknown[]>(act: (...args: A) => void, ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args: A): void => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...args), ms);
  };
}
\`\`\`

| | debounce | throttle |
|---|---|---|
| acts | after the last call | at most once in a time |
| fits | search as you type | scrolling, dragging |

Throttle where each moment counts, and *not only the last one*.
`;

const PLAIN_ANSWERS = [
  'The Moon pulls on the near side of the Earth more than on its middle, and on the middle more than on the far side. ' +
    'So the sea rises in **two** places, towards the Moon and away from it. The Earth turns beneath both in a day, ' +
    'and so most coasts see high water twice.\n',
  'There are two bulges of water, not one:\n\n' +
    '1. *Towards the Moon*, whose pull is strongest there.\n' +
    '2. *Away from it*, where the pull is weakest and the water stays behind.\n\n' +
    'A coast passes both in about 24 hours and 50 minutes. The Sun does the like, with a little less than half the force: ' +
    'at full and new moon both add up to a spring tide.\n',
];

const SENTENCES = [
  'The report begins with the figures of the quarter. ',
  'Costs fell by a tenth, as most questions are answered by the smaller model. ',
  'Two of the suppliers were late, and one of them is to be replaced. ',
  'The appendix lists what is still open, with a name and a day for each. ',
];

/** The same question gets the same answer of each model. */
export function answerTo(question: string, model: string): string {
  if (question === CODE_QUESTION) return CODE_ANSWER;
  if (question === PLAIN_QUESTION) return PLAIN_ANSWERS[model === 'swift' ? 1 : 0] ?? '';
  return SENTENCES.join('').repeat(1 + (question.length % 3));
}

/** A text of about so many tokens to be summed up. */
export function documentOf(tokens: number): string {
  const text = SENTENCES.join('');
  return `Sum this up.\n\n${text.repeat(Math.ceil((tokens * 4) / text.length))}`;
}
