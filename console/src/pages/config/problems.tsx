import type { ShownProblem } from '../../feed/wire.ts';

interface ProblemsProps {
  readonly label: string;
  readonly problems: readonly ShownProblem[];
  /** Whether the place of a mistake can be shown. */
  readonly isShown: (problem: ShownProblem) => boolean;
  readonly onGo: (problem: ShownProblem) => void;
}

/** Mistakes, each at its place, with the known name that may have been meant. */
export function Problems({ label, problems, isShown, onGo }: ProblemsProps) {
  return (
    <ol class="problems" aria-label={label}>
      {problems.map((problem) => (
        <li key={`${placeOf(problem)} ${problem.message}`}>
          {isShown(problem) ? (
            <button class="button mistake" type="button" onClick={() => onGo(problem)}>
              {placeOf(problem)}
            </button>
          ) : (
            <code>{placeOf(problem)}</code>
          )}
          <span>
            {messageOf(problem)}
            {problem.nearest !== null && (
              <>
                . Did you mean <strong>{problem.nearest}</strong>?
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function placeOf({ file, line, column }: ShownProblem): string {
  return line === 0 ? file : `${file}:${line}:${column}`;
}

/** Without the name that may have been meant, which ends it. */
function messageOf({ message, nearest }: ShownProblem): string {
  return nearest === null ? message : message.replace(/; did you mean '[^']*'\?$/, '');
}
