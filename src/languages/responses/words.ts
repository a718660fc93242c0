import { isRecord, type JsonRecord, parseJson, pickValues, stringOf } from '../../protocol/json.ts';
import type { Carried } from '../../protocol/model-message.ts';

/**
 * What an envelope holds: something carried for a provider, thoughts that it wants back as it gave them, or a summary of the
 * conversation by the gateway.
 */
export type EnvelopeKind = Carried['kind'] | 'raw-thoughts' | 'summary';

/** What travels in `encrypted_content`: the one field of a reasoning item that every client brings back (measured). */
export interface Envelope {
  /** Whose it is, in the words of `Carried`: `google`, OpenRouter's `format`; of a summary, the gateway's own name. */
  readonly provider: string;
  readonly kind: EnvelopeKind;
  /** A detail is a record, all else is a string. */
  readonly data: unknown;
  /** The call that it belongs to; null where it stands for itself. */
  readonly callId: string | null;
  /** The name of the provider that gave it, to whose account it may be bound; null for the gateway's own. */
  readonly answeredBy: string | null;
}

const MARK = 'sl1.';
const VERSION = 1;
const KINDS: ReadonlySet<unknown> = new Set<EnvelopeKind>([
  'thought-signature',
  'reasoning-detail',
  'encrypted-reasoning',
  'raw-thoughts',
  'summary',
]);

/** An envelope as text. It says nothing that a client could not say itself, so it is not signed. */
export function sealEnvelope({ provider, kind, data, callId, answeredBy }: Envelope): string {
  const sealed = { v: VERSION, provider, kind, data, ...pickValues({ call_id: callId, answered_by: answeredBy }) };
  return MARK + Buffer.from(JSON.stringify(sealed)).toString('base64url');
}

/**
 * Null for what is no envelope: a blob that the client has from elsewhere.
 * @param parse reads JSON within bounds: the size of a request was counted before anything in it was unpacked
 */
export function openEnvelope(text: string, parse: (text: string) => unknown = parseJson): Envelope | null {
  if (!text.startsWith(MARK)) return null;
  const sealed = parse(Buffer.from(text.slice(MARK.length), 'base64url').toString());
  if (!isRecord(sealed) || sealed['v'] !== VERSION || !isEnvelopeKind(sealed['kind'])) return null;
  const { provider, kind, data, call_id: callId, answered_by: answeredBy } = sealed;
  const isWhole = kind === 'reasoning-detail' ? isRecord(data) : typeof data === 'string';
  if (!isWhole) return null;
  return { provider: stringOf(provider) ?? '', kind, data, callId: stringOf(callId), answeredBy: stringOf(answeredBy) };
}

function isEnvelopeKind(kind: unknown): kind is EnvelopeKind {
  return KINDS.has(kind);
}

/** An item as it is kept, and shown by `input_items`. */
export type InputItem = JsonRecord & { readonly type: string };

/** The field without which an item of its type is nothing but its id to a provider that keeps it. */
const HOLDING: ReadonlyMap<unknown, string> = new Map([
  ['reasoning', 'encrypted_content'],
  ['image_generation_call', 'result'],
]);

/** True for an item that comes without what it holds: a provider that keeps items looks it up by its id. */
export function isLookedUp({ id, type, status: _, ...rest }: JsonRecord): boolean {
  if (!stringOf(id)) return false;
  const field = HOLDING.get(type);
  return field === undefined ? Object.values(rest).every(isNothing) : !stringOf(rest[field]);
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/** OpenAI's prefixes; `tsc`, `tso` and those of shells and patches are ours, since none was seen. */
const PREFIXES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    additional_tools: 'at',
    apply_patch_call: 'apc',
    apply_patch_call_output: 'apco',
    code_interpreter_call: 'ci',
    compaction: 'cmp',
    custom_tool_call: 'ctc',
    custom_tool_call_output: 'ctco',
    file_search_call: 'fs',
    function_call: 'fc',
    function_call_output: 'fco',
    image_generation_call: 'ig',
    local_shell_call: 'lsc',
    local_shell_call_output: 'lsco',
    mcp_approval_request: 'mcpr',
    mcp_call: 'mcp',
    mcp_list_tools: 'mcpl',
    message: 'msg',
    reasoning: 'rs',
    shell_call: 'sc',
    shell_call_output: 'sco',
    tool_search_call: 'tsc',
    tool_search_output: 'tso',
    web_search_call: 'ws',
  }),
);

/** Where ids come from. */
export interface IdSources {
  /** Milliseconds since the epoch. */
  now(): number;
  /** So many random digits of lower case hexadecimal. */
  randomHex(digits: number): string;
}

const TIME_DIGITS = 12;
const RANDOM_DIGITS = 36;

/** An id as long as OpenAI's: the time first, so that an index grows at its end. @param prefix `resp`, `conv`, `msg` */
export function createId(prefix: string, { now, randomHex }: IdSources): string {
  return `${prefix}_${now().toString(16).padStart(TIME_DIGITS, '0')}${randomHex(RANDOM_DIGITS)}`;
}

/** An id for an item of this type. */
export function createItemId(type: string, sources: IdSources): string {
  return createId(PREFIXES.get(type) ?? 'item', sources);
}
