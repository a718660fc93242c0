import type { Answer } from '../../../lab/provider.ts';
import { chatChunk, chatUsage, DONE, json } from '../../../lab/wire-answers.ts';

/** Answers that the demo models do not give, by the name of the model that is asked. */
const ANSWERS: Readonly<Record<string, () => Answer>> = {
  think: () =>
    stream([{ reasoning_content: 'First I look. ' }, { reasoning_content: 'Then I say.' }, said('So it is.')], 700),
  mute: () => stream([{ reasoning_content: 'First I look. ' }, { reasoning_content: 'Then I am silent.' }]),
  cite: () => stream([said('Tides are high[1] and low[2]. The year [9] is no page.')], 0, CITED),
  rich: () => stream([said(RICH)], 0),
  late: () => stream([said('Here.')], 2500),
  busy: () => json({ error: { message: 'Slow down.', code: 'rate_limit_exceeded' } }, 429, { 'retry-after': '2' }),
  program: () => stream([said('```ts\n'), ...CODE, said('```\n\nThe end.')], 0),
  growing: () => stream([said('```ts\n'), ...CODE, said('// soon'), { waitMs: 60_000 }], 0),
};

const CITED = {
  citations: ['https://example.org/high', 'https://example.com/low'],
  search_results: [
    { url: 'https://example.org/high', title: 'High water' },
    { url: 'https://example.com/low', title: 'Low water' },
  ],
};
const RICH = `A picture: ![tides](https://evil.example/leak.png?said=all), and [![badge](https://evil.example/b.svg)](https://example.org/).

| what | how many |
|:-:|--:|
| one | 1 |

- [x] written
- [ ] read

\`\`\`
code
\`\`\`
---
`;
const CODE = Array.from({ length: 100 }, (_line, at) => said(`const line${at} = 'a';\n`));

/** What the provider of a journey answers to a model. */
export function answerAs(model: string): Answer {
  return ANSWERS[model]?.() ?? json({ error: { message: `There is no ${model}.` } }, 404);
}

function said(content: string): object {
  return { content };
}

/** A stream of deltas, each after a wait. @param rest fields beside the choices */
function stream(deltas: readonly object[], waitMs = 0, rest: object = {}): Answer {
  const events = deltas.flatMap((delta) =>
    'waitMs' in delta ? [delta as { waitMs: number }] : [{ waitMs }, chatChunk(delta, null, rest)],
  );
  const body = [...events, chatChunk({}, 'stop', rest), chatUsage(42, rest), DONE];
  return { headers: { 'content-type': 'text/event-stream' }, body };
}
