import type { ServerStep, ServerToolCall, ServerToolList } from '../../protocol/hosted-delta.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

const EVENTS = { call: 'response.mcp_call', list: 'response.mcp_list_tools' } as const;

/** What a provider did at a server of tools that its client named. It comes whole. */
export class ServerStepItem implements OutputItem {
  readonly #place: ItemPlace;
  readonly #step: ServerStep;
  /** What has been told of the arguments. */
  #told = '';

  constructor(place: ItemPlace, step: ServerStep) {
    this.#place = place;
    this.#step = step;
  }

  /** Call it when the item has been told to begin. */
  begin(): void {
    const step = this.#step;
    this.#tell(`${EVENTS[step.type]}.in_progress`);
    if (step.type !== 'call') return;
    this.#told = step.arguments;
    this.#tell('response.mcp_call_arguments.delta', { delta: step.arguments });
    this.#tell('response.mcp_call_arguments.done', { arguments: step.arguments });
  }

  end(): void {
    const { type, error } = this.#step;
    this.#tell(`${EVENTS[type]}.${error === null ? 'completed' : 'failed'}`);
  }

  toItem(status: ItemStatus): JsonRecord {
    const step = this.#step;
    const { id } = this.#place;
    return step.type === 'call' ? toCall(id, step, status, this.#told) : toList(id, step, status);
  }

  #tell(type: string, fields: JsonRecord = {}): void {
    this.#place.events.add(type, { ...namesOf(this.#place), ...fields });
  }
}

function toCall(
  id: string,
  { server, name, error, ...step }: ServerToolCall,
  status: ItemStatus,
  told: string,
): JsonRecord {
  const item = { id, type: 'mcp_call', server_label: server, name, approval_request_id: null };
  if (status === 'in_progress') return { ...item, status, arguments: told, output: null, error: null };
  const whole = { ...item, arguments: step.arguments, output: step.output };
  if (error === null) return { ...whole, status, error };
  const content = [{ type: 'text', text: error }];
  return { ...whole, status: 'failed', error: { type: 'mcp_tool_execution_error', content } };
}

/** OpenAI's has no status. */
function toList(id: string, { server, tools, error }: ServerToolList, status: ItemStatus): JsonRecord {
  const item = { id, type: 'mcp_list_tools', server_label: server };
  if (status === 'in_progress') return { ...item, tools: [] };
  return { ...item, tools, ...(error === null ? {} : { error }) };
}
