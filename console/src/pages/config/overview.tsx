import type { ComponentChildren } from 'preact';
import { ApiLink } from '../../app/api-link.tsx';
import type { ShownConfig, ShownProblem } from '../../feed/wire.ts';
import { dateTime } from '../../parts/format.ts';
import { Icon } from '../../parts/icons.tsx';
import { Problems } from './problems.tsx';

/** What runs, since when, and what it wants of the environment. */
export function Overview({ config }: { readonly config: ShownConfig }) {
  const { loaded_at: loadedAt, hash, database, variables, warnings } = config;
  return (
    <section class="section" aria-label="What runs">
      <dl class="facts">
        <Fact name="Loaded">
          <time dateTime={loadedAt}>{dateTime(loadedAt)}</time>
        </Fact>
        <Fact name="Hash">{hash === null ? 'not known: a file was changed since' : <code>{hash}</code>}</Fact>
        <Fact name="Database">
          <code>{database}</code>
        </Fact>
        <Fact name="Variables">{variables.length === 0 ? 'none are named' : <Variables of={variables} />}</Fact>
        <Fact name="API">
          <ApiLink />
        </Fact>
      </dl>
      {warnings.length > 0 && (
        <>
          <h2>Warnings</h2>
          <ul class="warnings">
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Variables({ of }: { readonly of: ShownConfig['variables'] }) {
  return (
    <ul class="variables">
      {of.map(({ name, is_set: isSet }) => (
        <li key={name}>
          <code>{name}</code>{' '}
          <span class={isSet ? 'good' : 'bad'}>
            <Icon name={isSet ? 'check' : 'cross'} /> {isSet ? 'set' : 'not set'}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface LastReloadProps {
  readonly reload: ShownConfig['last_reload'];
  readonly isShown: (problem: ShownProblem) => boolean;
  readonly onGo: (problem: ShownProblem) => void;
}

/** What came of the last reload. */
export function LastReload({ reload, isShown, onGo }: LastReloadProps) {
  return (
    <section class="section" aria-labelledby="reload">
      <h2 id="reload">Last reload</h2>
      {reload === null && <p class="quiet">None since the start: what runs is what was there then.</p>}
      {reload?.ok === true && (
        <p class="good">
          <Icon name="check" /> {dateTime(reload.at)}: the files were taken up.
        </p>
      )}
      {reload?.ok === false && (
        <>
          <p class="bad">
            <Icon name="cross" /> {dateTime(reload.at)}: refused. What ran before runs on.
          </p>
          <Problems label="Mistakes of the last reload" problems={reload.problems} isShown={isShown} onGo={onGo} />
        </>
      )}
      {reload !== null && reload.restart_needed.length > 0 && (
        <p class="warn">These take a restart: {reload.restart_needed.join(', ')}.</p>
      )}
    </section>
  );
}
