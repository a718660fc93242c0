import OpenAI, { type ClientOptions } from 'openai';

/** A gateway whose only provider is the demo model. */
export const DEMO_CONFIG = 'providers: { demo: { kind: demo } }\nserver: { drain: 0ms }\n';

/** OpenAI's own client, pointed at the gateway as a user would: other base URL, other key. It does not retry. */
export function openaiFor(gateway: { readonly url: string }, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any-key', maxRetries: 0, ...options });
}

/** A conversation with one question. */
export function asking(content: string): { role: 'user'; content: string }[] {
  return [{ role: 'user', content }];
}

/** Everything that comes out of a stream. */
export async function collect<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

/** The tool that the demo model likes to call: it answers questions about the weather. */
export const WEATHER_TOOL = {
  type: 'function' as const,
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} satisfies OpenAI.Chat.Completions.ChatCompletionFunctionTool;
