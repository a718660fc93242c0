import { useState } from 'preact/hooks';
import { Markdown } from '../markdown/markdown.tsx';
import { Dialog } from '../parts/dialog.tsx';
import type { AskedAgain } from './asked-again.ts';
import { PROGRAMS } from './request-code.ts';

interface CodeDialogProps {
  readonly asked: AskedAgain;
  readonly onClose: () => void;
}

/** The request of an answer as a program of one's own. */
export function CodeDialog({ asked, onClose }: CodeDialogProps) {
  const [chosen, choose] = useState<(typeof PROGRAMS)[number]>(PROGRAMS[0]);
  const code = chosen.write({ baseUrl: `${location.origin}/v1`, ...asked });
  const hasFiles = asked.messages.some(({ files }) => files.length > 0);
  return (
    <Dialog title="This request as a program" isWide onClose={onClose}>
      <p class="quiet">
        It reads the key from the variable <code>SLUICE_API_KEY</code>; without keys any text will do.
        {hasFiles && ' Pictures and files are left out.'}
      </p>
      <div class="heading" role="radiogroup" aria-label="Language">
        {PROGRAMS.map((program) => (
          <label key={program.name}>
            <input
              type="radio"
              name="program"
              checked={program.name === chosen.name}
              onChange={() => choose(program)}
            />{' '}
            {program.name}
          </label>
        ))}
      </div>
      <Markdown key={chosen.name} text={fenced(code, chosen.language)} />
      <div class="actions">
        <button class="button" type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

/** A fence that is longer than any in the code. */
function fenced(code: string, language: string): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}
