import { createOpenAI } from '@ai-sdk/openai';
import { generateText, isStepCount, tool } from 'ai';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { type JsonRecord, recordsOf } from '../../src/protocol/json.ts';
import { askedFor } from '../support/remote-provider.ts';
import { openRemote } from '../support/remote-scene.ts';
import { nativeResponse } from '../support/responses-upstream.ts';

const openScene = () => openRemote(`sqlite:${makeTemporaryFolder('remote')}/s.db`);

describe('over a provider that keeps what it answers', () => {
  it('OpenAI’s own client asks, follows, streams, lists and erases', async () => {
    const { gateway, provider } = await openScene();
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'key-a', maxRetries: 0 });
    const first = await client.responses.create({ model: 'm', input: 'one' });
    const streamed = client.responses.stream({ model: 'm', input: 'two', previous_response_id: first.id });
    const final = await streamed.finalResponse();
    expect(final).toMatchObject({ output_text: 'answer 2', previous_response_id: first.id, model: 'm' });
    expect((await client.responses.retrieve(final.id)).id).toBe(final.id);
    const again = client.responses.stream({ response_id: final.id });
    expect((await again.finalResponse()).output_text).toBe('answer 2');
    const items = await client.responses.inputItems.list(final.id);
    expect(items.data).toHaveLength(1);
    const slow = await client.responses.create({ model: 'm', input: 'dig', background: true });
    expect((await client.responses.cancel(slow.id)).status).toBe('cancelled');
    await client.responses.delete(first.id);
    await expect(client.responses.retrieve(first.id)).rejects.toThrow(`Response with id '${first.id}' not found.`);
    expect(provider.kept('k1')).toHaveLength(2);
  });

  it('the AI SDK refers to what it thought in the step before', async () => {
    const { gateway, provider } = await openScene();
    const thought = { id: 'rs_there', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Look it up.' }] };
    const called = { id: 'fc_there', type: 'function_call', call_id: 'call_there', name: 'look', arguments: '{}' };
    const output: JsonRecord[] = [thought, { ...called, status: 'completed' }];
    provider.instead({ body: JSON.stringify(nativeResponse({ status: 'completed', output })) });
    const { text } = await generateText({
      model: createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'key-a' })('m'),
      prompt: 'Look!',
      tools: { look: tool({ inputSchema: z.object({}), execute: () => 'seen' }) },
      stopWhen: isStepCount(2),
      providerOptions: { openai: { forceReasoning: true, reasoningEffort: 'low' } },
    });
    expect(text).toBe('answer 1');
    const input = recordsOf(askedFor(provider)['input']);
    expect(input.filter(({ type }) => type === 'item_reference')).toContainEqual({
      type: 'item_reference',
      id: 'rs_there',
    });
    expect(input.at(-1)).toMatchObject({ type: 'function_call_output', call_id: 'call_there', output: 'seen' });
  });
});
