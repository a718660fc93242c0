import type { ResponseEcho } from '../../src/languages/responses/client-response.ts';
import { ResponsesWriter } from '../../src/languages/responses/client-writer.ts';
import type { ResponsesWriterOptions } from '../../src/languages/responses/client-writer-options.ts';

/** What a request without any wish is echoed as. */
export const ECHO: ResponseEcho = {
  previous_response_id: null,
  conversation: null,
  instructions: null,
  tools: [],
  tool_choice: 'auto',
  parallel_tool_calls: true,
  max_tool_calls: null,
  text: { format: { type: 'text' }, verbosity: 'medium' },
  reasoning: { effort: null, summary: null },
  temperature: 1,
  top_p: 1,
  presence_penalty: 0,
  frequency_penalty: 0,
  top_logprobs: 0,
  max_output_tokens: null,
  truncation: 'disabled',
  store: true,
  background: false,
  service_tier: 'default',
  metadata: {},
  safety_identifier: null,
  prompt_cache_key: null,
};

/** A writer whose ids count from 1 and whose envelopes can be read. */
export function createTestWriter(changes: Partial<ResponsesWriterOptions> = {}): ResponsesWriter {
  let ids = 0;
  return new ResponsesWriter({
    isRemote: false,
    id: 'resp_test',
    createdAt: 1_760_000_000,
    echo: ECHO,
    model: 'asked-model',
    provider: 'acme',
    isStream: true,
    includes: new Set(),
    showsObfuscation: false,
    toolNames: { clientNameOf: (name) => ({ kind: 'function', name, namespace: null }) },
    // Padding has no prefix.
    newId: (prefix) => `${prefix}_${String(prefix === '' ? 0 : ++ids).padStart(48, '0')}`,
    now: () => 1_760_000_007_900,
    seal: (thought) => `sl1.${JSON.stringify(thought)}`,
    ...changes,
  });
}
