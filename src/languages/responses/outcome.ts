import type { FinishReason, Usage } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import { isRecord, type JsonRecord, recordOf, stringOf } from '../../protocol/json.ts';
import { readUsage } from '../chat/choice.ts';
import { failureInside } from '../failure.ts';

/** Throws `AttemptError` unless the response came to an end that has an answer; all of these are HTTP 200. */
export function throwUnlessAnswered(response: JsonRecord): void {
  const status = stringOf(response['status']) ?? 'completed';
  if (response['error'] || status === 'failed') throw new AttemptError(failureInside(response));
  if (status === 'cancelled') fail('server', 'The provider cancelled its answer.');
  if (isWaiting(response)) {
    fail('server', `The provider put its answer off (status '${status}') instead of giving it.`);
  }
}

/** True for a response that has not ended. */
export function isWaiting({ status }: JsonRecord): boolean {
  return status === 'queued' || status === 'in_progress';
}

/** By these a model asks its client to act or to consent, in ways for which a chat answer has no form. */
const ASKS_CLIENT: readonly unknown[] = [
  'apply_patch_call',
  'computer_call',
  'local_shell_call',
  'mcp_approval_request',
  'shell_call',
  'tool_search_call',
];

/** Throws `AttemptError` for an answer that says nothing else: asked again, the model would say the same. */
export function throwIfUnsayable(output: readonly JsonRecord[]): void {
  const asked = output.find(({ type, execution }) => ASKS_CLIENT.includes(type) && execution !== 'server');
  if (asked === undefined || !output.every(isWordless)) return;
  const message = `The model answered with a '${asked['type']}' alone, for which a chat answer has no form.`;
  fail('invalid-request', `${message} Leave its tool out of 'tools', or send the request to /v1/responses.`, {
    param: 'tools',
  });
}

function isWordless({ type, summary, content }: JsonRecord): boolean {
  return ASKS_CLIENT.includes(type) || (type === 'reasoning' && !hasEntries(summary) && !hasEntries(content));
}

function hasEntries(list: unknown): boolean {
  return Array.isArray(list) && list.length > 0;
}

/** An answer that was cut may hold calls, but not surely all of them: it says `length`. */
export function toFinish(response: JsonRecord, hasCalls: boolean): FinishReason {
  if (response['status'] === 'incomplete') {
    const { reason } = recordOf(response['incomplete_details']);
    return reason === 'content_filter' ? 'content_filter' : 'length';
  }
  return hasCalls ? 'tool_calls' : 'stop';
}

/**
 * OpenAI's counts under other names; Perplexity calls the cached ones as Anthropic does.
 * @param output where OpenAI shows which of its own tools it ran
 */
export function toChatUsage(usage: JsonRecord, output: readonly JsonRecord[]): Usage {
  const input = recordOf(usage['input_tokens_details']);
  return readUsage({
    ...usage,
    prompt_tokens: usage['input_tokens'],
    completion_tokens: usage['output_tokens'],
    prompt_tokens_details: {
      ...input,
      cached_tokens: input['cached_tokens'] ?? input['cache_read_input_tokens'],
      cache_write_tokens: input['cache_write_tokens'] ?? input['cache_creation_input_tokens'],
    },
    completion_tokens_details: usage['output_tokens_details'],
    ...toolUseIn(output),
  });
}

/** OpenAI bills searches of the web, not the pages that are opened after them, and searches of files. */
function toolUseIn(output: readonly JsonRecord[]): JsonRecord {
  const searches = output.filter(
    ({ type, action }) => type === 'web_search_call' && (!isRecord(action) || action['type'] === 'search'),
  );
  const files = output.filter(({ type }) => type === 'file_search_call');
  if (searches.length + files.length === 0) return {};
  return { server_tool_use_details: { web_search_requests: searches.length, file_search_requests: files.length } };
}
