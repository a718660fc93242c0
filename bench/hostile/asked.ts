import { type Dice, words } from './dice.ts';

/** A model in each language that the gateway translates into. */
export const MODELS = ['chat', 'gemini', 'responses', 'sonar', 'router', 'group', 'chosen'];
/** Models whose provider fails: the only ones for which a 5xx is no fault of the gateway. */
export const FAULTS = words('fault-500 fault-reset fault-cut fault-garbage fault-empty fault-429 fault-401');

/** Paths of ours, with what stands for an id. */
export const OWN_PATHS = words(`
  /v1/chat/completions /v1/models /v1/models/chat /v1/requests /v1/requests/some-id /v1/requests/some-id/stream
  /v1/router/choose /v1/usage /v1/usage/records /metrics /metrics/performance /health /ready / /v1
`);
export const PASSED_PATHS = words(`
  /v1/embeddings /v1/images/generations /v1/audio/speech /v1/files /v1/files/file-1/content /v1/uploads
  /v1/moderations /v1/batches/b/cancel /v1/responses /v1/conversations/c/items /v1/completions /v1/fine_tuning/jobs
  /v1/fine_tuning/checkpoints/c/permissions /v1/vector_stores/v/search /v1/evals /v1/containers /v1/videos
  /v1/organization/admin_api_keys
`);
/** Those that read JSON. */
export const JSON_PATHS = ['/v1/router/choose', '/v1/embeddings', '/v1/moderations', '/v1/responses'];

const PIXEL = 'data:image/png;base64,iVBORw0KGgo=';
const SCHEMA = { type: 'object', properties: { city: { $ref: '#/$defs/city' } }, $defs: { city: { type: 'string' } } };
const CALL = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Delhi"}' } };

/** A good chat request with something in every field, for mutations to begin with. */
export function richChat(dice: Dice, model: string = dice.pick(MODELS)): Record<string, unknown> {
  const isStream = dice.happens(0.4);
  return {
    model,
    messages: [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'image_url', image_url: { url: PIXEL } },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [CALL] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"celsius":30}' },
      { role: 'user', content: 'Hello', name: 'me' },
    ],
    stream: isStream,
    ...(isStream ? { stream_options: { include_usage: true } } : {}),
    max_tokens: 10,
    temperature: 0.5,
    top_p: 0.9,
    stop: ['a', 'b'],
    seed: 1,
    logit_bias: { '1': 1 },
    tools: [
      { type: 'function', function: { name: 'get_weather', description: 'd', parameters: SCHEMA, strict: true } },
    ],
    tool_choice: { type: 'function', function: { name: 'get_weather' } },
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA, strict: true } },
    reasoning_effort: 'low',
    metadata: { a: 'b' },
    user: 'u',
    fallbacks: ['chat'],
  };
}

/** A short one. */
export function plainChat(model: string): Record<string, unknown> {
  return { model, messages: [{ role: 'user', content: 'Hello' }] };
}
