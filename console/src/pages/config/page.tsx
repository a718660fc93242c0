import { useState } from 'preact/hooks';
import { readConfig } from '../../feed/configuration.ts';
import { usePoll } from '../../feed/poll.ts';
import type { ShownConfig, ShownProblem } from '../../feed/wire.ts';
import '../../parts/drawer.css';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { Check } from './check.tsx';
import './config.css';
import { ConfigFile, type Target } from './file.tsx';
import { LastReload, Overview } from './overview.tsx';

const EVERY_MS = 10_000;

/** The configuration that runs, without its secrets, and a check of another one. The file is the truth: nothing is written here. */
export function ConfigPage() {
  const { data, error, isSlow, reload } = usePoll(readConfig, 'config', EVERY_MS);
  return (
    <>
      <h1>Config</h1>
      {data === null && error === null && <Skeleton rows={8} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && <Loaded config={data} />}
    </>
  );
}

function Loaded({ config }: { readonly config: ShownConfig }) {
  const { files, variables, last_reload: last } = config;
  const [target, setTarget] = useState<Target | null>(null);
  const go = ({ file, line }: ShownProblem): void => setTarget({ file, line });
  const isShown = ({ file, line }: ShownProblem): boolean =>
    line > 0 && files.some((one) => one.name === file && one.text !== null);
  return (
    <>
      <Overview config={config} />
      <LastReload reload={last} isShown={isShown} onGo={go} />
      <section class="section" aria-labelledby="files">
        <h2 id="files">Files as they were loaded</h2>
        <p class="quiet">Secrets are *** and comments are left out; each setting stands in its line.</p>
        {files.map((file, at) => (
          <ConfigFile key={file.path} file={file} variables={variables} isOpenAtFirst={at === 0} target={target} />
        ))}
      </section>
      <Check files={files} onGo={go} />
    </>
  );
}
