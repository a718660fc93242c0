import type { ServerStep } from '../../protocol/hosted-delta.ts';
import { isRecord, type JsonRecord, pickValues, recordsOf, stringOf } from '../../protocol/json.ts';

/** What a provider did at servers of its client (`mcp_list_tools`, `mcp_call`) in one answer; each step is told once. */
export interface ServerSteps {
  /** An item that is whole. Items of other types give nothing. */
  read(item: JsonRecord): ServerStep[];
}

/** One for one answer. */
export function createServerSteps(): ServerSteps {
  const told = new Set<unknown>();
  return {
    read(item) {
      const step = toStep(item);
      if (step === null || told.has(item['id'])) return [];
      told.add(item['id']);
      return [step];
    },
  };
}

const TOOL_FIELDS = ['name', 'description', 'input_schema', 'annotations'];

function toStep(item: JsonRecord): ServerStep | null {
  const { type, server_label: server, name, arguments: args, output, error } = item;
  const done = { server: stringOf(server) ?? '', error: toError(error) };
  if (type === 'mcp_list_tools') {
    return { type: 'list', ...done, tools: recordsOf(item['tools']).map((tool) => pickValues(tool, TOOL_FIELDS)) };
  }
  if (type !== 'mcp_call') return null;
  return {
    type: 'call',
    ...done,
    name: stringOf(name) ?? '',
    arguments: stringOf(args) || '{}',
    output: stringOf(output),
  };
}

/** OpenAI's newer form is a record with a message. */
function toError(error: unknown): string | null {
  return stringOf(isRecord(error) ? (error['message'] ?? JSON.stringify(error)) : error) || null;
}
