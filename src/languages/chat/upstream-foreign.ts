import { GatewayError } from '../../protocol/errors.ts';
import { pickValues } from '../../protocol/json.ts';
import type { ModelRequest, ModelTool, ModelToolChoice } from '../../protocol/model-request.ts';
import { withEmulatedTools } from '../emulated-tools.ts';
import { isSearchKind } from '../hosted-tools.ts';

/** What a server takes of a request that was not asked as a chat: a chat's client knows what it may ask. */
export interface ForeignWishes {
  /** False where tools are functions alone. */
  readonly customTools: boolean;
  /** How a search is asked for; null where there is none. */
  readonly search: 'options' | 'plugin' | null;
  /** True where thoughts are shown to those who ask. */
  readonly thoughts: boolean;
}

/** Fields of OpenAI that chat and Responses share. */
const SHARED_EXTRAS = [
  'moderation',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
];

/**
 * What chat has words for of another language's request; what it has none for is named, as its client calls it.
 * @throws GatewayError 400 where the client demands a tool that there is not
 */
export function fitToChat(asked: ModelRequest, wishes: ForeignWishes): { request: ModelRequest; dropped: string[] } {
  const request = wishes.customTools ? asked : withEmulatedTools(asked);
  const { origin, tools, reasoning, search } = request;
  const searches = search.options !== null && !search.isForbidden;
  const { known, choice } = narrowed(request, searches && wishes.search !== null);
  const hasPlugin = searches && wishes.search === 'plugin';
  return {
    request: {
      ...request,
      tools: known,
      toolChoice: choice,
      search: wishes.search === 'options' ? search : { ...search, options: null },
      // Hosts take the effort as a word; an object for it is refused.
      reasoning: { ...reasoning, summary: null, wantsText: wishes.thoughts ? reasoning.wantsText : null },
      extras: { ...pickValues(request.extras, SHARED_EXTRAS), ...(hasPlugin ? { plugins: [{ id: 'web' }] } : {}) },
    },
    dropped: [
      ...unsaidExtras(request),
      ...tools.flatMap((tool) => (tool.type === 'other' ? [origin.toolParamOf(tool.kind)] : [])),
      ...(searches ? unsaidSearch(request, wishes) : []),
      ...origin.askedInMessages(),
    ],
  };
}

function unsaidExtras({ origin }: ModelRequest): string[] {
  const unsaid = origin.asked().filter(({ name, parameter }) => parameter === null && !SHARED_EXTRAS.includes(name));
  return unsaid.map(({ name }) => name);
}

function unsaidSearch({ origin, search }: ModelRequest, wishes: ForeignWishes): string[] {
  const name = origin.paramOf('search');
  if (wishes.search === null) return [name];
  return wishes.search === 'options' ? [] : Object.keys(search.options ?? {}).map((option) => `${name}.${option}`);
}

interface NarrowedTools {
  readonly known: readonly ModelTool[];
  readonly choice: ModelToolChoice | null;
}

/** The tools that a chat has; of several that are allowed those alone, since not every server knows such a list. */
function narrowed({ tools, toolChoice: choice, origin }: ModelRequest, searches: boolean): NarrowedTools {
  const functions = tools.filter((tool) => tool.type !== 'other');
  const refuse = (wanted: unknown): void => {
    if (!searches) throw unknownTool(origin.paramOf('toolChoice'), wanted);
  };
  if (choice === null || typeof choice === 'string') {
    if (choice === 'required' && functions.length === 0)
      refuse(tools.find(({ type }) => type === 'other')?.source?.['type']);
    return { known: functions, choice: functions.length === 0 ? null : choice };
  }
  if (choice.type === 'other') {
    const wanted = choice.source['type'];
    if (!searches || !isSearchKind(wanted)) throw unknownTool(origin.paramOf('toolChoice'), wanted);
    // What the server searches by itself need not be chosen.
    return { known: functions, choice: null };
  }
  if (choice.type !== 'allowed') return { known: functions, choice };
  const names = new Set(choice.tools.map(({ name }) => name));
  const allowed = functions.filter(({ name }) => names.has(name));
  const mode = choice.mode === 'required' ? 'required' : 'auto';
  if (mode === 'required' && allowed.length === 0) refuse(choice.tools[0]?.source['type']);
  return { known: allowed, choice: allowed.length === 0 ? null : mode };
}

function unknownTool(param: string, wanted: unknown): GatewayError {
  const demand = typeof wanted === 'string' ? `'${wanted}'` : 'a tool, and none is declared';
  const message = `Invalid value for '${param}': it demands ${demand}; this model can only call functions. Declare one, or use another model.`;
  return new GatewayError('invalid_value', message, { param });
}
