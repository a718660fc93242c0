import type { Tokens } from 'marked';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { CopyButton } from '../parts/copy-button.tsx';
import { late } from '../parts/late.ts';
import './code.css';
import type { CodePiece } from './highlight.ts';
import { isClosedCode, MAX_HIGHLIGHTED, slicesOf } from './slices.ts';

/** Loaded with the first block that names a language: until then, and without it, code is plain. */
const highlighter = late(async () => {
  const [{ highlight }] = await Promise.all([import('./highlight.ts'), import('./highlight.css')]);
  return highlight;
});

/** A block of code, in colours where its language is known, with buttons to copy it and to wrap its lines. */
export function CodeBlock({ token: { text, lang, raw } }: { readonly token: Tokens.Code }) {
  const [isWrapped, setWrapped] = useState(false);
  const language = /^[\w+#.-]+/.exec(lang ?? '')?.[0]?.toLowerCase() ?? '';
  const isHighlighted = language !== '' && text.length <= MAX_HIGHLIGHTED;
  useEffect(() => {
    if (isHighlighted) highlighter.want();
  }, [isHighlighted]);
  return (
    <div class="code-block">
      <div class="code-bar">
        <span class="quiet">{lang || 'Code'}</span>
        <button
          class="button plain end"
          type="button"
          aria-pressed={isWrapped}
          onClick={() => setWrapped((was) => !was)}
        >
          Wrap
        </button>
        <CopyButton text={text} name="Copy" />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide code scrolls in itself, also by keyboard */}
      <section class="wide" tabIndex={0} aria-label={lang ? `Code, ${lang}` : 'Code'}>
        <pre class={isWrapped ? 'wrapped' : undefined}>
          <code>
            {slicesOf(text, isClosedCode(raw)).map(({ text: part, isFull }, at) => (
              <SliceNode key={at} text={part} language={isHighlighted && isFull ? language : null} />
            ))}
          </code>
        </pre>
      </section>
    </div>
  );
}

/** Highlighted once, when nothing is added to it any more. */
function SliceNode({ text, language }: { readonly text: string; readonly language: string | null }) {
  const highlight = language === null ? null : highlighter.loaded.value;
  return useMemo(() => {
    const pieces = highlight === null || language === null ? null : highlight(text, language);
    return <span class="slice">{pieces === null ? text : nodesOf(pieces)}</span>;
  }, [text, language, highlight]);
}

function nodesOf(pieces: readonly CodePiece[]): ComponentChildren {
  return pieces.map((piece, at) =>
    typeof piece === 'string' ? (
      piece
    ) : (
      <span key={at} class={`hl-${piece.kind.replaceAll('.', ' hl-')}`}>
        {nodesOf(piece.pieces)}
      </span>
    ),
  );
}
