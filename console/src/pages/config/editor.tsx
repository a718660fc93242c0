import { useEffect, useRef } from 'preact/hooks';
import { rangeOf } from './lines.ts';

/** A place that is to be marked; another object marks it once more. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

interface EditorProps {
  readonly label: string;
  readonly text: string;
  readonly onInput: (text: string) => void;
  readonly place: Place | null;
}

/** Lines above one that is gone to. */
const LINES_ABOVE = 3;

/** A field for a file, with the numbers of its lines beside it. What is wide scrolls in it. */
export function Editor({ label, text, onInput, place }: EditorProps) {
  const field = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (field.current !== null && place !== null) mark(field.current, place);
  }, [place]);
  const follow = (): void => {
    if (numbers.current !== null) numbers.current.scrollTop = field.current?.scrollTop ?? 0;
  };
  const count = text.split('\n').length;
  return (
    <div class="config-editor">
      <pre ref={numbers} aria-hidden="true">
        {Array.from({ length: count }, (_line, at) => `${at + 1}\n`).join('')}
      </pre>
      <textarea
        ref={field}
        aria-label={label}
        rows={16}
        wrap="off"
        spellcheck={false}
        autocomplete="off"
        autocapitalize="off"
        placeholder={'providers:\n  demo: { kind: demo }'}
        value={text}
        onInput={(event) => onInput(event.currentTarget.value)}
        onScroll={follow}
      />
    </div>
  );
}

function mark(field: HTMLTextAreaElement, { line, column }: Place): void {
  field.focus();
  field.setSelectionRange(...rangeOf(field.value, line, column));
  const height = Number.parseFloat(getComputedStyle(field).lineHeight);
  field.scrollTop = Math.max(0, line - 1 - LINES_ABOVE) * height;
}
