import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { citedParts, type Source } from './sources.ts';

/** The pages that the text around cites. */
export const Sources = createContext<readonly Source[]>([]);

/** Words of an answer, in which `[1]` leads to the page it stands for. */
export function CitedText({ text }: { readonly text: string }) {
  const sources = useContext(Sources);
  return (
    <>
      {citedParts(text, sources).map((part, at) =>
        typeof part === 'string' ? (
          part
        ) : (
          <a key={at} href={part.url} title={titleOf(part)} target="_blank" rel="noopener noreferrer">
            [{part.number}]
          </a>
        ),
      )}
    </>
  );
}

/** All pages that an answer cites, by their numbers. */
export function SourceList({ sources }: { readonly sources: readonly Source[] }) {
  if (sources.length === 0) return null;
  return (
    <ol class="answer-sources" aria-label="Sources">
      {sources.map((source) => (
        <li key={source.url}>
          <a href={source.url} target="_blank" rel="noopener noreferrer">
            [{source.number}] {source.title || source.host}
          </a>{' '}
          <span class="quiet">{source.host}</span>
        </li>
      ))}
    </ol>
  );
}

function titleOf({ title, host }: Source): string {
  return title === '' || title === host ? host : `${title} · ${host}`;
}
