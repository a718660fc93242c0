/** A page that an answer cites. */
export interface Source {
  /** What stands in brackets for it in the text, or would. */
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly host: string;
}

/** A citation as the API tells it: which page, and which part of the text stands for it. */
export interface UrlCitation {
  readonly type: string;
  readonly url?: string;
  readonly title?: string;
  readonly start_index?: number;
  readonly end_index?: number;
}

/** What can cite: a text with its annotations. */
interface CitingText {
  readonly text?: string;
  readonly annotations?: readonly UrlCitation[];
}

/** `[7]`, and `[web:7]` in Perplexity's newer models. */
const MARKER = /^\[(?:web:)?(\d{1,4})\]$/;

/** The pages that some texts cite, each once, by their number: that of their marker, else the next one that is free. */
export function sourcesOf(texts: readonly CitingText[]): readonly Source[] {
  const numbers = new Map<string, number>();
  const titles = new Map<string, string>();
  for (const { text = '', annotations = [] } of texts) {
    for (const { url, title = '', start_index: start = 0, end_index: end = 0 } of annotations) {
      if (url === undefined || hostOf(url) === null) continue;
      if (!titles.get(url)) titles.set(url, title);
      const number = MARKER.exec(text.slice(start, end))?.[1];
      if (number !== undefined && !numbers.has(url)) numbers.set(url, Number(number));
    }
  }
  const found = [...titles].map(([url, title]) => ({ url, title, host: hostOf(url) ?? '' }));
  return numbered(found, numbers);
}

function numbered(found: readonly Omit<Source, 'number'>[], numbers: ReadonlyMap<string, number>): readonly Source[] {
  const taken = new Set(numbers.values());
  let next = 0;
  const free = (): number => {
    do next++;
    while (taken.has(next));
    return next;
  };
  const all = found.map((one) => ({ ...one, number: numbers.get(one.url) ?? free() }));
  return all.sort((one, other) => one.number - other.number);
}

/** Null for what no reader should be led to. */
export function hostOf(url: string): string | null {
  const parsed = URL.parse(url);
  return parsed !== null && /^https?:$/.test(parsed.protocol) ? parsed.hostname : null;
}

/** A text in parts: words, and the numbers in brackets that stand for a page. */
export function citedParts(text: string, sources: readonly Source[]): readonly (string | Source)[] {
  if (sources.length === 0) return [text];
  return text.split(/(\[(?:web:)?\d{1,4}\])/).flatMap((part): readonly (string | Source)[] => {
    const number = MARKER.exec(part)?.[1];
    const source = number === undefined ? undefined : sources.find((one) => one.number === Number(number));
    return part === '' ? [] : [source ?? part];
  });
}
