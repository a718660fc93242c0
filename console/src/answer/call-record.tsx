import { href } from '../app/router.ts';
import { pathOf } from '../feed/calls.ts';
import type { EndedBody } from '../feed/wire.ts';
import { count } from '../parts/format.ts';
import { figuresOf } from './call-figures.ts';
import type { useRecord } from './call-hooks.ts';
import type { Origin } from './parts.ts';
import { Trail } from './trail.tsx';
import type { Turn } from './turn.ts';

interface CallRecordProps {
  /** Null where it is not known which call it was. */
  readonly origin: Origin | null;
  readonly record: ReturnType<typeof useRecord>;
  /** Of an answer of this visit. */
  readonly turn: Turn | null;
}

/** How an answer came about and what it took; until its call is on record, what the answer itself tells. */
export function CallRecord(props: CallRecordProps) {
  const { origin, turn, record } = props;
  const failure = record.data?.call?.error;
  const code = failure?.code ?? turn?.code;
  // What the reader wished for is no failure.
  const isStopped = turn?.phase === 'stopped' || code === 'request_cancelled';
  return (
    <>
      {turn === null && isStopped && <p class="quiet">Stopped.</p>}
      {turn === null && failure && !isStopped && <p class="notice error">{failure.message ?? 'The answer failed.'}</p>}
      {code && !isStopped && (
        <p class="quiet">
          <code>{code}</code> · request <code>{origin?.id}</code>
        </p>
      )}
      <Took {...props} />
    </>
  );
}

function Took({ origin, record: { data, error, reload }, turn }: CallRecordProps) {
  if (data?.call)
    return (
      <>
        <Trail call={data.call} />
        <FiguresLine call={data.call} />
      </>
    );
  if (turn !== null) return <p class="answer-figures">{firstWords(turn)}</p>;
  if (error !== null && error.status !== 0)
    return (
      <p class="quiet">
        No figures: {error.message}{' '}
        <button class="button" type="button" onClick={reload}>
          Try again
        </button>
      </p>
    );
  return (
    <p class="answer-figures">{(data !== null || origin === null) && 'No figures are on record for this answer.'}</p>
  );
}

function firstWords({ model, tokens }: Turn): string {
  const counted = tokens === null ? '' : ` · ${count(tokens.input)}→${count(tokens.output)} tokens`;
  return `${model ?? ''}${counted}`;
}

/** What stands under an answer: who gave it, and what it took. Each figure leads to its call, and says more under the pointer and with the focus. */
function FiguresLine({ call }: { readonly call: EndedBody }) {
  return (
    <ul class="answer-figures" aria-label="What this answer took">
      {figuresOf(call).map(({ name, text, hint }) => (
        <li key={name}>
          <a class="answer-figure" href={href(pathOf(call))} aria-describedby={`${call.id}-${name}`}>
            {text}
          </a>
          <span class="figure-hint" role="tooltip" id={`${call.id}-${name}`}>
            {hint}
          </span>
        </li>
      ))}
    </ul>
  );
}
