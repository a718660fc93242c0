import { placeOf } from '../../dialects/responses/tools.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, recordOf } from '../../protocol/json.ts';

/** Perplexity's own search parameters of its former chat API, which are fields of the search tool now. */
const FILTERS = [
  'search_domain_filter',
  'search_recency_filter',
  'search_after_date_filter',
  'search_before_date_filter',
  'last_updated_after_filter',
  'last_updated_before_filter',
];

const PLACE_FIELDS = ['city', 'country', 'region', 'latitude', 'longitude'];
const OPTION_FIELDS = ['search_context_size', 'user_location'];

/** Request fields that the search tool says. */
export const SEARCH_FIELDS = [...FILTERS, 'web_search_options', 'disable_search'];

/**
 * The search tool of a request; null when it does not search.
 * @param isDefault whether the model searches unless it is told not to
 */
export function toSearchTool(chat: ChatRequest, isDefault: boolean): JsonRecord | null {
  if (chat['disable_search'] === true) return null;
  const asked = [...FILTERS, 'web_search_options'].some((field) => hasValue(chat[field]));
  if (!asked && !isDefault) return null;
  const filters = picked(chat, FILTERS);
  const options = recordOf(chat['web_search_options']);
  const place = isRecord(options['user_location']) ? picked(placeOf(options['user_location']), PLACE_FIELDS) : {};
  return {
    type: 'web_search',
    ...(Object.keys(filters).length > 0 ? { filters } : {}),
    ...picked(options, ['search_context_size']),
    ...(Object.keys(place).length > 0 ? { user_location: place } : {}),
  };
}

/** Search options that the tool has no words for. */
export function lostSearchOptions(chat: ChatRequest): string[] {
  const options = recordOf(chat['web_search_options']);
  const lost = Object.keys(options).filter((key) => !OPTION_FIELDS.includes(key) && hasValue(options[key]));
  return lost.map((key) => `web_search_options.${key}`);
}

/** The named fields that have a value: Perplexity refuses fields it does not know, nested ones too. */
function picked(record: JsonRecord, keys: readonly string[]): JsonRecord {
  return Object.fromEntries(keys.filter((key) => hasValue(record[key])).map((key) => [key, record[key]]));
}

function hasValue(value: unknown): boolean {
  return value !== undefined && value !== null;
}
