import { placeOf } from '../../languages/responses/upstream-tools.ts';
import { isRecord, type JsonRecord, pickValues, recordOf } from '../../protocol/json.ts';
import type { ModelRequest, SearchWish } from '../../protocol/model-request.ts';

/** Perplexity's own search parameters of its former chat API, which are fields of the search tool now. */
export const FILTERS = [
  'search_domain_filter',
  'search_recency_filter',
  'search_after_date_filter',
  'search_before_date_filter',
  'last_updated_after_filter',
  'last_updated_before_filter',
];

const PLACE_FIELDS = ['city', 'country', 'region', 'latitude', 'longitude'];
const OPTION_FIELDS = ['search_context_size', 'user_location'];

/**
 * The search tool of a request; null when it does not search.
 * @param isDefault whether the model searches unless it is told not to
 */
export function toSearchTool({ search, extras }: ModelRequest, isDefault: boolean): JsonRecord | null {
  if (search.isForbidden) return null;
  const filters = pickValues(extras, FILTERS);
  if (!hasFields(filters) && search.options === null && !isDefault) return null;
  const options = recordOf(search.options);
  const place = isRecord(options['user_location']) ? pickValues(placeOf(options['user_location']), PLACE_FIELDS) : {};
  return {
    type: 'web_search',
    ...(hasFields(filters) ? { filters } : {}),
    ...pickValues(options, ['search_context_size']),
    ...(hasFields(place) ? { user_location: place } : {}),
  };
}

/** Search options that the tool has no words for. */
export function lostSearchOptions({ options }: SearchWish): string[] {
  return Object.keys(pickValues(recordOf(options))).filter((key) => !OPTION_FIELDS.includes(key));
}

function hasFields(record: JsonRecord): boolean {
  return Object.keys(record).length > 0;
}
