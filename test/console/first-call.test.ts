import { describe, expect, it } from 'vitest';
import { firstCallOf, withFirstCall, withoutFirstCall } from '../../console/src/answer/first-call.ts';
import { START, saidOf } from '../../console/src/answer/said.ts';

const SAID = saidOf(
  [
    { id: 'q1', type: 'message', role: 'user', content: 'One?' },
    { id: 'a1', type: 'message', role: 'assistant', content: 'One.' },
    { id: 'a2', type: 'message', role: 'assistant', content: 'Two.' },
  ],
  START,
);
const ORIGIN = { id: 'console_1', created_at: 1_795_521_600 };

describe('the call of an answer that no response of its conversation gave', () => {
  it('is that of the first answer', () => {
    const said = withFirstCall(SAID, { metadata: { title: 'One?', ...firstCallOf(ORIGIN) } });
    expect(said.map(({ origin }) => origin)).toEqual([null, ORIGIN, null]);
  });

  it('is not taken for another one', () => {
    expect(withFirstCall(SAID, { metadata: null })).toBe(SAID);
    const known = SAID.map((one) => ({ ...one, origin: { id: 'resp_1', created_at: 1 } }));
    expect(withFirstCall(known, { metadata: firstCallOf(ORIGIN) })).toBe(known);
    expect(withoutFirstCall({ title: 'One?', ...firstCallOf(ORIGIN) })).toEqual({ title: 'One?' });
  });
});
