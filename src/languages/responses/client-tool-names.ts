import type { JsonRecord } from '../../protocol/json.ts';
import { withDigest } from '../digest.ts';
import type { ResponsesBody } from './client-check.ts';
import { calledTools, declaredTools, isNamed } from './client-declared-tools.ts';
import { placedItems } from './client-history.ts';

/** A tool as its client named it. */
export interface ClientToolName {
  /** How a call of it is told: `tool_search` is one that the client executes. */
  readonly kind: 'function' | 'custom' | 'tool_search';
  readonly name: string;
  readonly namespace: string | null;
}

/** The client's names of the tools that a model calls. */
export interface ToolNames {
  /** @param name as the model says it; one that was never mentioned is a function's */
  clientNameOf(name: string): ClientToolName;
}

/** The names of one request, in both directions. */
export interface ToolNameTable extends ToolNames {
  modelNameOf(tool: ClientToolName): string;
}

/** What chat providers take for a name. */
const MAX_NAME_CHARS = 64;
const DIGEST_ROOM = 9;

/** The names of all tools of a request and of the calls in its history. @param context the items before its own */
export function toolNamesOf(body: ResponsesBody, context: readonly JsonRecord[]): ToolNameTable {
  const items = placedItems(body, context);
  return createToolNameTable(declaredTools(body, items).filter(isNamed), calledTools(items));
}

/**
 * Models know no namespaces: a tool of one is `<namespace>__<name>` to them, at most 64 characters long and of letters
 * that every provider takes. No two tools that are declared share a name.
 * @param called what the history mentions, declared or not
 */
export function createToolNameTable(
  declared: readonly ClientToolName[],
  called: readonly ClientToolName[],
): ToolNameTable {
  const byKey = new Map<string, string>();
  const byName = new Map<string, ClientToolName>();
  for (const { kind, name, namespace } of declared) {
    const tool = { kind, name, namespace };
    const flat = flatNameOf(tool);
    const own = byName.has(flat) ? cut(flat, keyOf(tool)) : flat;
    byKey.set(keyOf(tool), own);
    byName.set(own, tool);
  }
  // Some clients bring back the flat name, which is then the tool that is declared.
  for (const tool of called) if (!byName.has(flatNameOf(tool))) byName.set(flatNameOf(tool), tool);
  return {
    clientNameOf: (name) => byName.get(name) ?? { kind: 'function', name, namespace: null },
    modelNameOf: (tool) => byKey.get(keyOf(tool)) ?? flatNameOf(tool),
  };
}

/** A call of the history may be told in another form than its tool is declared in. */
function keyOf({ kind, name, namespace }: ClientToolName): string {
  return JSON.stringify([namespace, name, kind === 'tool_search']);
}

function flatNameOf({ name, namespace }: ClientToolName): string {
  const whole = namespace === null ? name : `${namespace}__${name}`;
  const clean = whole.replace(/[^a-zA-Z0-9_-]/g, '_');
  return clean === whole && clean.length <= MAX_NAME_CHARS ? clean : cut(clean, whole);
}

function cut(name: string, whole: string): string {
  return withDigest(`${name.slice(0, MAX_NAME_CHARS - DIGEST_ROOM)}_`, whole);
}
