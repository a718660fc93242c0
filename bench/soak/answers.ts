import { deepEqual, equal, ok } from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Caller } from './client.ts';
import { chat, expectAnswer, type Kind } from './kind.ts';
import { BIG_PROMPT, LONG_CHARS, LONG_PIECE, LONG_PIECES, TOOL } from './text.ts';

const PAUSE_MS = 250;
const TOOLS = {
  tools: [{ type: 'function', function: { name: TOOL.name, parameters: { type: 'object', properties: {} } } }],
};

const answered = (name: string, share: number, model: string, stream: boolean): Kind => ({
  name,
  share,
  outcome: 'completed',
  run: async (caller) => expectAnswer(await caller.ask(chat(caller, model, { stream }))),
});

const withTool = (name: string, share: number, model: string, stream: boolean): Kind => ({
  name,
  share,
  outcome: 'completed',
  async run(caller) {
    const answer = await caller.ask(chat(caller, model, { stream, more: TOOLS }));
    deepEqual(JSON.parse(answer.args), TOOL.args);
    expectAnswer(answer, '');
  },
});

/** Stops reading in mid-answer: then the gateway has to stop as well, and nothing may be missing in the end. */
async function readSlowly(caller: Caller): Promise<void> {
  const listener = await caller.listen(chat(caller, 'long', { stream: true }));
  await listener.until(1);
  await wait(PAUSE_MS);
  const { json } = await caller.ask({ path: `/v1/requests/${caller.id}` });
  equal(json['state'], 'streaming');
  // What it counts is estimated: four characters are a token.
  ok(Number(json['completion_tokens']) * 4 < LONG_CHARS, 'the gateway reads on while nobody reads from it');
  expectAnswer(await listener.finish(), LONG_PIECE.repeat(LONG_PIECES));
}

/** Plain work: these alone are most of a long soak. */
export const PLAIN: readonly Kind[] = [
  answered('whole answer, chat', 300, 'burst', false),
  answered('whole answer, Gemini', 120, 'gemini-burst', false),
  answered('stream at once, chat', 120, 'burst', true),
  answered('stream at once, Gemini', 60, 'gemini-burst', true),
];

export const ANSWERS: readonly Kind[] = [
  ...PLAIN,
  answered('paced stream, chat', 60, 'paced', true),
  answered('paced stream, Gemini', 40, 'gemini-paced', true),
  withTool('streamed tool call, chat', 25, 'tools', true),
  withTool('streamed tool call, Gemini', 15, 'gemini-tools', true),
  withTool('whole tool call, chat', 10, 'tools', false),
  withTool('whole tool call, Gemini', 10, 'gemini-tools', false),
  {
    name: 'prompt of 1 MB',
    share: 5,
    outcome: 'completed',
    async run(caller) {
      const answer = await caller.ask(chat(caller, 'count', { stream: true, prompt: BIG_PROMPT }));
      expectAnswer(answer, String(BIG_PROMPT.length + 1 + caller.id.length));
    },
  },
  { name: 'slow reader of 12 MB', share: 2, outcome: 'completed', run: (caller) => caller.apart(readSlowly) },
];
