import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { fits, missingCapability, type Needs, needsOf as needsOfRequest } from '../../src/routing/needs.ts';
import { requestOf } from '../support/asked.ts';
import { A_TOOL, AUDIO, chatOf, IMAGE, PDF } from '../support/chats.ts';
import { buildTarget } from '../support/targets.ts';

function needsOf(chat: ChatRequest): Needs {
  return needsOfRequest(requestOf(chat));
}

function file(parts: Record<string, string>): ChatRequest {
  return chatOf([{ type: 'file', file: parts }]);
}

describe('the capabilities that a request needs', () => {
  it.each<[string, ChatRequest, string[]]>([
    ['nothing, when it is plain text', chatOf('Hello'), []],
    ['tools, when it brings some', chatOf('Hello', { tools: [A_TOOL] }), ['tools']],
    ['tools, when it brings functions of the old kind', chatOf('Hello', { functions: [{ name: 'f' }] }), ['tools']],
    ['no tools, when its list is empty', chatOf('Hello', { tools: [] }), []],
    ['eyes for an image', chatOf([IMAGE]), ['vision']],
    ['ears for audio', chatOf([AUDIO]), ['audio']],
    ['to read a PDF', chatOf([PDF]), ['pdf']],
    ['to read a PDF, when a file does not say what it is', file({ file_id: 'file-1' }), ['pdf']],
    ['eyes, when a file is an image', file({ file_data: 'data:image/jpeg;base64,AAAA' }), ['vision']],
    ['nothing for a file of text', file({ filename: 'a.txt', file_data: 'data:text/plain;base64,AAAA' }), []],
    [
      'a schema, when the answer has one',
      chatOf('x', { response_format: { type: 'json_schema', json_schema: { name: 's' } } }),
      ['json_schema'],
    ],
    ['thought, when an effort is asked for', chatOf('x', { reasoning_effort: 'low' }), ['reasoning']],
    ['no thought for the effort none', chatOf('x', { reasoning_effort: 'none' }), []],
    ['a search, when it sets options for one', chatOf('x', { web_search_options: {} }), ['web_search']],
    ['a search, when that is its tool', chatOf('x', { tools: [{ type: 'web_search' }] }), ['web_search']],
  ])('%s', (_title, chat, needs) => {
    expect([...needsOf(chat).capabilities]).toEqual(needs);
  });

  it('include those of earlier messages', () => {
    const messages = [
      { role: 'user' as const, content: [IMAGE] },
      { role: 'user' as const, content: 'And now?' },
    ];
    expect([...needsOf({ model: 'm', messages }).capabilities]).toEqual(['vision']);
  });

  it('include context for the answer: max_tokens, else that of a typical one', () => {
    expect(needsOf(chatOf('x', { max_tokens: 9 })).answerTokens).toBe(9);
    expect(needsOf(chatOf('x', { max_tokens: 9, max_completion_tokens: 8 })).answerTokens).toBe(8);
    expect(needsOf(chatOf()).answerTokens).toBe(500);
  });
});

describe('the capabilities of a model', () => {
  const facts = (capabilities: string[] | null, contextWindow: number | null = null) =>
    buildTarget('m', { capabilities, contextWindow }).facts;

  it('are missing where they are not listed', () => {
    expect(missingCapability(facts(['tools']), needsOf(chatOf([IMAGE])), 'everything')).toBe('it cannot see images');
    expect(missingCapability(facts(['vision']), needsOf(chatOf([IMAGE])), 'everything')).toBeNull();
  });

  it('are not missing where they are unknown', () => {
    const needs = needsOf(chatOf([IMAGE, AUDIO, PDF], { tools: [A_TOOL] }));
    expect(missingCapability(facts(null), needs, 'everything')).toBeNull();
  });

  it('may be missing where a parameter is merely dropped, and only content counts', () => {
    const needs = needsOf(chatOf('x', { reasoning_effort: 'high' }));
    expect(missingCapability(facts([]), needs, 'content')).toBeNull();
    expect(missingCapability(facts([]), needs, 'everything')).toBe('it cannot reason');
  });

  it('are missing when prompt and answer exceed the context_window', () => {
    const needs = needsOf(chatOf('word '.repeat(400), { max_tokens: 100 }));
    expect(needs.promptTokens()).toBeGreaterThan(450);
    expect(fits(facts([], 1000), needs)).toBe(true);
    expect(fits(facts([], needs.promptTokens() + 100), needs)).toBe(true);
    expect(missingCapability(facts([], 550), needs, 'everything')).toMatch(
      /^its window of 550 tokens is too small for \d+ tokens and 100 for the answer$/,
    );
    expect(fits(facts([], null), needs)).toBeNull();
  });

  it('of a model that was named are missing only when the prompt alone exceeds the context_window', () => {
    const needs = needsOf(chatOf('word '.repeat(400)));
    expect(missingCapability(facts([], needs.promptTokens()), needs, 'content')).toBeNull();
    expect(missingCapability(facts([], needs.promptTokens() - 1), needs, 'content')).toMatch(
      /is too small for \d+ tokens$/,
    );
  });

  it('never need less context than the token estimate says', () => {
    const texts = ['', 'a', 'word '.repeat(99), '漢字'.repeat(50), '🙂'.repeat(50)];
    for (const chat of texts.map((text) => chatOf(text, { tools: [A_TOOL] }))) {
      const needs = needsOf(chat);
      expect(needs.leaveRoom(needs.promptTokens() + 99, 100)).toBe(false);
    }
  });
});
