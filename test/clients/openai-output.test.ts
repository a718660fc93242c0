import { LengthFinishReasonError } from 'openai/error';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runGateway, type TestGateway } from '../support/gateway.ts';
import { asking, DEMO_CONFIG, openaiFor } from './client.ts';

const Trip = z.object({
  city: z.string(),
  days: z.number().int().min(1).max(14),
  pace: z.enum(['slow', 'quick']),
  guide: z.string().nullable(),
  stops: z.array(z.object({ name: z.string(), kind: z.union([z.literal('museum'), z.literal('park')]) })),
});
type Place = { name: string; inside: Place[] };
const Place: z.ZodType<Place> = z.lazy(() => z.object({ name: z.string(), inside: z.array(Place) }));

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await runGateway(DEMO_CONFIG);
});

describe('the OpenAI client with structured output (JSON schema)', () => {
  it('parses an answer into the type of its schema', async () => {
    const answer = await openaiFor(gateway).chat.completions.parse({
      model: 'demo',
      messages: asking('Plan 3 quick days in Rome'),
      response_format: zodResponseFormat(Trip, 'trip'),
    });
    expect(answer.choices[0]?.message.parsed).toMatchObject({ city: 'Rome', days: 3, pace: 'quick' });
  });

  it('parses a streamed answer', async () => {
    const runner = openaiFor(gateway).chat.completions.stream({
      model: 'demo',
      messages: asking('Plan 3 quick days in Rome'),
      response_format: zodResponseFormat(Trip, 'trip'),
    });
    const answer = await runner.finalChatCompletion();
    expect(answer.choices[0]?.message.parsed).toMatchObject({ city: 'Rome', stops: [{ kind: 'museum' }] });
  });

  it('parses a recursive schema', async () => {
    const answer = await openaiFor(gateway).chat.completions.parse({
      model: 'demo',
      messages: asking('Describe Rome'),
      response_format: zodResponseFormat(z.object({ place: Place }), 'place'),
    });
    expect(answer.choices[0]?.message.parsed?.place.inside[0]).toHaveProperty('inside');
  });

  it('parses the arguments of a strict tool call', async () => {
    const answer = await openaiFor(gateway).chat.completions.parse({
      model: 'demo',
      messages: asking('Please book a trip: 3 slow days in Rome'),
      tools: [zodFunction({ name: 'book_trip', parameters: Trip })],
    });
    const [call] = answer.choices[0]?.message.tool_calls ?? [];
    expect(call).toMatchObject({ function: { parsed_arguments: { city: 'Rome', pace: 'slow' } } });
  });

  it('throws LengthFinishReasonError when max_tokens cuts the JSON', async () => {
    const answer = openaiFor(gateway).chat.completions.parse({
      model: 'demo',
      messages: asking('Plan 3 quick days in the old town of Rome'),
      response_format: zodResponseFormat(z.object({ text: z.string() }), 'text'),
      max_tokens: 1,
    });
    await expect(answer).rejects.toThrow(LengthFinishReasonError);
  });
});
