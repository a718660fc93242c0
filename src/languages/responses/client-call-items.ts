import { isRecord, type JsonRecord, parseJson } from '../../protocol/json.ts';
import { CustomInput } from './client-custom-input.ts';
import { type DeltaForm, deltaForm } from './client-events.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

/** A tool as the client calls it. */
export interface ClientTool {
  readonly kind: 'function' | 'custom' | 'tool_search';
  readonly name: string;
  /** Null where the tool stands in none. */
  readonly namespace: string | null;
}

/** A call of a tool of the client. */
export interface CallItem extends OutputItem {
  /** A piece of the arguments, as the provider gives them. */
  write(piece: string): void;
  /** True where nothing can follow any more. */
  isWhole(): boolean;
}

/** Begins a call. @param isText true where the provider knows custom tools, and gives their text as it is */
export function createCallItem(place: ItemPlace, callId: string, tool: ClientTool, isText: boolean): CallItem {
  if (tool.kind === 'tool_search') return new ToolSearchCallItem(place, callId);
  if (tool.kind === 'custom' || isText) return new CustomCallItem(place, callId, tool, isText);
  return new FunctionCallItem(place, callId, tool);
}

/** The prefix of the ids of such calls. */
export function callPrefixOf(tool: ClientTool, isText: boolean): string {
  if (tool.kind === 'tool_search') return 'tsc';
  return tool.kind === 'custom' || isText ? 'ctc' : 'fc';
}

function isJson(text: string): boolean {
  return text !== '' && parseJson(text) !== undefined;
}

class FunctionCallItem implements CallItem {
  readonly #place: ItemPlace;
  readonly #callId: string;
  readonly #tool: ClientTool;
  readonly #form: DeltaForm;
  #arguments = '';

  constructor(place: ItemPlace, callId: string, tool: ClientTool) {
    this.#place = place;
    this.#callId = callId;
    this.#tool = tool;
    this.#form = deltaForm('response.function_call_arguments.delta', { ...namesOf(place) });
  }

  write(piece: string): void {
    if (piece === '') return;
    this.#arguments += piece;
    this.#place.events.addDelta(this.#form, piece);
  }

  isWhole(): boolean {
    return isJson(this.#arguments);
  }

  /** `name` was never on OpenAI's wire, but older strict clients ask for it. */
  end(status: ItemStatus): void {
    if (status === 'completed' && this.#arguments.trim() === '') this.write('{}');
    const fields = { ...namesOf(this.#place), name: this.#tool.name, arguments: this.#arguments };
    this.#place.events.add('response.function_call_arguments.done', fields);
  }

  toItem(status: ItemStatus): JsonRecord {
    return {
      id: this.#place.id,
      type: 'function_call',
      status,
      arguments: this.#arguments,
      call_id: this.#callId,
      name: this.#tool.name,
      ...namespaceOf(this.#tool),
    };
  }
}

class CustomCallItem implements CallItem {
  readonly #place: ItemPlace;
  readonly #callId: string;
  readonly #tool: ClientTool;
  readonly #form: DeltaForm;
  readonly #decoder: CustomInput | null;
  #input = '';
  #arguments = '';

  constructor(place: ItemPlace, callId: string, tool: ClientTool, isText: boolean) {
    this.#place = place;
    this.#callId = callId;
    this.#tool = tool;
    this.#form = deltaForm('response.custom_tool_call_input.delta', { ...namesOf(place) });
    this.#decoder = isText ? null : new CustomInput();
  }

  write(piece: string): void {
    this.#arguments += piece;
    this.#tell(this.#decoder === null ? piece : this.#decoder.push(piece));
  }

  isWhole(): boolean {
    return this.#decoder !== null && isJson(this.#arguments);
  }

  end(status: ItemStatus): void {
    if (this.#decoder !== null && status === 'completed') this.#tell(this.#decoder.end());
    const fields = { ...namesOf(this.#place), input: this.#input };
    this.#place.events.add('response.custom_tool_call_input.done', fields);
  }

  toItem(status: ItemStatus): JsonRecord {
    return {
      id: this.#place.id,
      type: 'custom_tool_call',
      status,
      call_id: this.#callId,
      input: this.#input,
      name: this.#tool.name,
      ...namespaceOf(this.#tool),
    };
  }

  #tell(text: string): void {
    if (text === '') return;
    this.#input += text;
    this.#place.events.addDelta(this.#form, text);
  }
}

/** A search for tools that the client runs. It has no events of its own. */
class ToolSearchCallItem implements CallItem {
  readonly #place: ItemPlace;
  readonly #callId: string;
  #arguments = '';

  constructor(place: ItemPlace, callId: string) {
    this.#place = place;
    this.#callId = callId;
  }

  write(piece: string): void {
    this.#arguments += piece;
  }

  isWhole(): boolean {
    return isJson(this.#arguments);
  }

  end(): void {}

  toItem(status: ItemStatus): JsonRecord {
    const parsed = parseJson(this.#arguments);
    return {
      id: this.#place.id,
      type: 'tool_search_call',
      status,
      execution: 'client',
      call_id: this.#callId,
      arguments: isRecord(parsed) ? parsed : {},
    };
  }
}

function namespaceOf({ namespace }: ClientTool): JsonRecord {
  return namespace === null ? {} : { namespace };
}
