import { describe, expect, it } from 'vitest';
import type { WhenEntry } from '../../src/config/group-schema.ts';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { needsOf } from '../../src/routing/needs.ts';
import { compileCondition } from '../../src/routing/rules.ts';
import { requestOf } from '../support/asked.ts';
import { A_TOOL, AUDIO, chatOf, IMAGE, PDF } from '../support/chats.ts';
import { ANYBODY } from '../support/planning.ts';

function matches(when: WhenEntry | undefined, chat: ChatRequest = chatOf(), caller = ANYBODY): boolean {
  const request = requestOf(chat);
  return compileCondition(when)({ request, needs: needsOf(request), caller });
}

describe('a condition of a routing rule (when)', () => {
  it.each<[WhenEntry, ChatRequest]>([
    [{ tools: true }, chatOf('x', { tools: [A_TOOL] })],
    [{ images: true }, chatOf([IMAGE])],
    [{ audio: true }, chatOf([AUDIO])],
    [{ pdf: true }, chatOf([PDF])],
    [{ json_schema: true }, chatOf('x', { response_format: { type: 'json_schema', json_schema: { name: 's' } } })],
    [{ min_tokens: 100 }, chatOf('word '.repeat(100))],
    [{ reasoning_effort: ['high', 'max'] }, chatOf('x', { reasoning_effort: 'max' })],
    [{ matches: 'n[eo]ws' }, chatOf('The NEWS?')],
    [{ matches: ['never', 'news'] }, chatOf('The NEWS?')],
  ])('%j matches its requests and no others', (when, chat) => {
    expect([matches(when, chat), matches(when)]).toEqual([true, false]);
  });

  it('may exclude a need of the request', () => {
    expect([matches({ tools: false }), matches({ tools: false }, chatOf('x', { tools: [A_TOOL] }))]).toEqual([
      true,
      false,
    ]);
  });

  it('may limit the length', () => {
    expect([matches({ max_tokens: 50 }), matches({ max_tokens: 50 }, chatOf('word '.repeat(100)))]).toEqual([
      true,
      false,
    ]);
  });

  it('may match API keys', () => {
    const caller = { ...ANYBODY, keyName: 'blue', header: (name: string) => (name === 'x-team' ? 'red' : undefined) };
    expect(matches({ key: ['green', 'blue'] }, chatOf(), caller)).toBe(true);
    expect(matches({ key: ['green'] }, chatOf(), caller)).toBe(false);
    expect(matches({ header: { 'x-team': 'red' } }, chatOf(), caller)).toBe(true);
    expect(matches({ header: { 'x-team': 'blue' } }, chatOf(), caller)).toBe(false);
  });

  it('holds only where all of its parts hold', () => {
    const chat = chatOf('news', { tools: [A_TOOL] });
    expect(matches({ tools: true, matches: 'news' }, chat)).toBe(true);
    expect(matches({ tools: true, matches: 'olds' }, chat)).toBe(false);
  });

  it('holds always where it is empty', () => {
    expect([matches(undefined), matches({})]).toEqual([true, true]);
  });
});

describe('a pattern (matches) of a routing rule', () => {
  it('looks at the last user message, and at no other', () => {
    const messages = [
      { role: 'system' as const, content: 'old' },
      { role: 'user' as const, content: 'old' },
      { role: 'user' as const, content: [{ type: 'text', text: 'new' }] },
      { role: 'assistant' as const, content: 'old' },
    ];
    const chat = { model: 'm', messages };
    expect([matches({ matches: 'new' }, chat), matches({ matches: 'old' }, chat)]).toEqual([true, false]);
  });

  it('sees the beginning and the end of a long message, and not its middle', () => {
    const chat = chatOf(`first ${'x'.repeat(1000)} middle ${'x'.repeat(1000)} last`);
    const seen = ['first', 'middle', 'last'].map((word) => matches({ matches: word }, chat));
    expect(seen).toEqual([true, false, true]);
  });

  it('matches nothing without a user message', () => {
    expect(matches({ matches: 'x' }, { model: 'm', messages: [{ role: 'system', content: 'x' }] })).toBe(false);
  });
});
