import { describe, expect, it } from 'vitest';
import { runTwoProviders } from '../support/two-providers.ts';

const say = (): string => 'Noted.';

describe('truncation', () => {
  /** Six turns of some 250 tokens for a window of 1,000. */
  const turns = Array.from({ length: 6 }, (_, at) => [
    { role: 'user', content: `Question ${at}: ${'word '.repeat(190)}` },
    { role: 'assistant', content: `Answer ${at}.` },
  ]).flat();
  const input = [...turns, { role: 'user', content: 'The last one.' }];

  it('auto: asks without the oldest turns where the model has no room for them', async () => {
    const { post, asked } = await runTwoProviders(say);
    const { body } = await post('/responses', {
      model: 'c',
      instructions: 'Be kind.',
      input,
      truncation: 'auto',
      max_output_tokens: 100,
    });
    expect(body).toMatchObject({ status: 'completed', truncation: 'auto' });
    const [sent = ''] = asked;
    for (const text of ['Be kind.', 'Question 5', 'Answer 5', 'The last one.']) expect(sent).toContain(text);
    for (const text of ['Question 0', 'Answer 0', 'Question 1']) expect(sent).not.toContain(text);
  });

  it('auto: keeps what is stored whole, for a model with more room', async () => {
    const scene = await runTwoProviders(say);
    const { body } = await scene.post('/responses', { model: 'c', input, truncation: 'auto' });
    await scene.post('/responses', {
      model: 'g',
      input: 'All of it?',
      previous_response_id: body['id'],
      truncation: 'auto',
    });
    expect(scene.asked.at(-1)).toContain('Question 0');
  });

  it('auto: is left to a server that is asked in the words of its client', async () => {
    const { post, asked } = await runTwoProviders(say);
    await post('/responses', { model: 'n', input, truncation: 'auto' });
    expect(JSON.parse(asked[0] ?? '')).toMatchObject({ truncation: 'auto', input });
  });

  it('disabled: sends all of it, whether there is room or not', async () => {
    const { post, asked } = await runTwoProviders(say);
    await post('/responses', { model: 'c', input });
    expect(asked[0]).toContain('Question 0');
  });
});

describe('a stored prompt', () => {
  it('is refused by models that are not those of OpenAI: without it nothing was asked', async () => {
    const { post, asked } = await runTwoProviders(say);
    const { status, body } = await post('/responses', { model: 'g', input: 'Hi', prompt: { id: 'pmpt_1' } });
    expect([status, body['error']]).toMatchObject([400, { code: 'unsupported_parameter', param: 'prompt' }]);
    expect(asked).toEqual([]);
  });
});
