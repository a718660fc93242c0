import { placeOf } from '../../languages/responses/tools.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { isRecord, type JsonRecord, pickValues, recordOf } from '../../protocol/json.ts';

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
  const filters = pickValues(chat, FILTERS);
  const isAsked = hasFields(filters) || isRecord(chat['web_search_options']);
  if (!isAsked && !isDefault) return null;
  const options = recordOf(chat['web_search_options']);
  const place = isRecord(options['user_location']) ? pickValues(placeOf(options['user_location']), PLACE_FIELDS) : {};
  return {
    type: 'web_search',
    ...(hasFields(filters) ? { filters } : {}),
    ...pickValues(options, ['search_context_size']),
    ...(hasFields(place) ? { user_location: place } : {}),
  };
}

/** Search options that the tool has no words for. */
export function lostSearchOptions(chat: ChatRequest): string[] {
  const options = recordOf(chat['web_search_options']);
  const lost = Object.keys(options).filter((key) => !OPTION_FIELDS.includes(key) && options[key] != null);
  return lost.map((key) => `web_search_options.${key}`);
}

function hasFields(record: JsonRecord): boolean {
  return Object.keys(record).length > 0;
}
