import { useState } from 'preact/hooks';
import { checkFile } from '../../feed/configuration.ts';
import type { ShownCheck, ShownFile, ShownProblem } from '../../feed/wire.ts';
import { useAction } from '../../parts/action.ts';
import { count } from '../../parts/format.ts';
import { Problem } from '../../parts/states.tsx';
import { Editor, type Place } from './editor.tsx';
import { Problems } from './problems.tsx';

interface CheckProps {
  readonly files: readonly ShownFile[];
  /** Shows a line of a file that runs. */
  readonly onGo: (problem: ShownProblem) => void;
}

/** What was checked, and what came of it. */
interface Checked {
  readonly name: string;
  readonly text: string;
  readonly check: ShownCheck;
}

/** Checks a file that is pasted, as a reload would. It is kept by no page, and nothing of it is taken up. */
export function Check({ files, onGo }: CheckProps) {
  const [name, setName] = useState(files[0]?.name ?? '');
  const [text, setText] = useState('');
  const [place, setPlace] = useState<Place | null>(null);
  const [checked, setChecked] = useState<Checked | null>(null);
  const { isBusy, problem, run } = useAction(async () =>
    setChecked({ name, text, check: await checkFile(name, text) }),
  );
  const go = (found: ShownProblem): void => {
    if (found.file === checked?.name) setPlace({ line: found.line, column: found.column });
    else onGo(found);
  };
  const isShown = ({ file, line }: ShownProblem): boolean =>
    line > 0 && (file === checked?.name || files.some((one) => one.name === file && one.text !== null));
  return (
    <form class="section" aria-labelledby="check" onSubmit={run}>
      <h2 id="check">Check a file</h2>
      <p class="quiet">
        Paste it, and it is checked as a reload would, beside the other files that run. Nothing is taken up: the file is
        the truth. What variables hold is not looked at.
      </p>
      <div class="heading">
        <label class="field">
          In place of
          <select value={name} onChange={(event) => setName(event.currentTarget.value)}>
            {files.map((file) => (
              <option key={file.path} value={file.name}>
                {file.name}
              </option>
            ))}
          </select>
        </label>
        <button class="button primary end" type="submit" disabled={isBusy || text.trim() === ''}>
          {isBusy ? 'Checking' : 'Check it'}
        </button>
      </div>
      <Editor label={`Text in place of ${name}`} text={text} onInput={setText} place={place} />
      {problem !== null && <Problem message={problem.message} error={problem} retry={() => void run()} />}
      <div role="status">
        {checked !== null && (
          <Result
            checked={checked}
            isOld={checked.text !== text || checked.name !== name}
            isShown={isShown}
            onGo={go}
          />
        )}
      </div>
    </form>
  );
}

interface ResultProps extends Pick<CheckProps, 'onGo'> {
  readonly checked: Checked;
  /** The text was changed since. */
  readonly isOld: boolean;
  readonly isShown: (problem: ShownProblem) => boolean;
}

function Result({ checked: { name, check }, isOld, isShown, onGo }: ResultProps) {
  const { ok, problems } = check;
  return (
    <div class={isOld ? 'dim' : undefined}>
      {ok ? (
        <p class="good">No mistake was found in {name}. It is not taken up: write it to the file, and reload.</p>
      ) : (
        <p class="bad">
          {count(problems.length)} {problems.length === 1 ? 'mistake' : 'mistakes'} in {name}
        </p>
      )}
      {isOld && <p class="quiet">Changed since: check it again.</p>}
      {!ok && <Problems label="Mistakes that were found" problems={problems} isShown={isShown} onGo={onGo} />}
    </div>
  );
}
