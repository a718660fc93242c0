import { isRecord, type JsonRecord, recordOf, stringOf } from './json.ts';
import type { ModelPart } from './model-message.ts';
import type { ModelRequest } from './model-request.ts';
import type { RouteName } from './routes.ts';

/**
 * The routes whose things a request names: files and cached contents of the provider's account, whose ids another client
 * may have got; vector stores, containers and responses, which some providers take in a chat as well.
 */
export function storedRoutesOf({ extras, messages, origin, tools }: ModelRequest): readonly RouteName[] {
  const found = new Set<RouteName>();
  if (vendorFieldsOf(extras).some(hasCache)) found.add('files');
  // Of a provider that takes them in a chat: they live in its account, as files do.
  if (extras['previous_response_id'] || extras['conversation']) found.add('files');
  for (const { content } of messages) {
    if (typeof content !== 'string' && content.some(isStoredPart)) found.add('files');
  }
  // Some providers are given the items as they are; what a model said may cite files, and shows none.
  const results = (origin.itemsOf(messages) ?? []).filter(({ type }) => stringOf(type)?.endsWith('_output'));
  if (results.some(namesFile)) found.add('files');
  for (const tool of tools) if (tool.type === 'other') addStoredBy(tool.source, found);
  return [...found];
}

/** True when a JSON body names a file of the provider's account, however deep. @param value nested within bounds */
export function namesFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(namesFile);
  return Object.entries(value).some(([name, inner]) => isStoredField(name, inner) || namesFile(inner));
}

/** Where Google's own fields may stand. */
function vendorFieldsOf(extras: JsonRecord): JsonRecord[] {
  const extra = recordOf(extras['extra_body']);
  return [extras, recordOf(extras['google']), extra, recordOf(extra['google'])];
}

function hasCache(fields: JsonRecord): boolean {
  return Boolean(fields['cached_content'] ?? fields['cachedContent']);
}

/** Addresses stand in a part, or one level below it. */
function isStoredPart({ source, type }: ModelPart): boolean {
  if (source === null || type === 'call' || type === 'carried') return false;
  return Object.entries(source).some(
    ([name, value]) =>
      isStoredField(name, value) ||
      (isRecord(value) && Object.entries(value).some(([inner, address]) => isStoredField(inner, address))),
  );
}

/** Fields that hold addresses; in others the same words are text. */
const ADDRESSES = new Set(['url', 'image_url', 'video_url', 'file_data', 'file_uri', 'fileUri', 'uri']);

function isStoredField(name: string, value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false;
  if (name === 'file_id') return !isPublic(value);
  return ADDRESSES.has(name) && isStoredAddress(value);
}

function isPublic(address: string): boolean {
  return /^\s*(data|https?):/i.test(address) && !isStoredAddress(address);
}

/** `files/…` is Gemini's own name of a file, `gs:` is read with the account's rights. */
function isStoredAddress(address: string): boolean {
  if (/^\s*(files\/|gs:)/i.test(address)) return true;
  if (!/^\s*https?:/i.test(address)) return false;
  const host = URL.parse(address)?.hostname ?? '';
  return /generativelanguage[^/]*\.googleapis\.com\.?$/.test(host);
}

function addStoredBy(tool: JsonRecord, found: Set<RouteName>): void {
  const { vector_store_ids: stores, container, environment } = tool;
  if (namesFile(tool)) found.add('files');
  if (stringOf(recordOf(environment)['container_id'])) found.add('containers');
  if (Array.isArray(stores) && stores.length > 0) found.add('vector_stores');
  if (stringOf(container)) found.add('containers');
  const files = recordOf(container)['file_ids'];
  if (Array.isArray(files) && files.length > 0) found.add('files');
}
