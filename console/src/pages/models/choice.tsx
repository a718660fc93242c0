import type { ModelDetails } from '../../feed/wire.ts';
import { plural } from '../../parts/format.ts';
import { conditionWords, memberWords } from '../../parts/model-facts.ts';

/** Who answers under a model's name: its provider, the members of a group, or the rules by which it chooses. */
export function Choice({ model }: { readonly model: ModelDetails }) {
  const { strategy, members, rules } = model;
  if (rules !== null) return <Rules model={model} rules={rules} />;
  if (members === null) return <>{model.provider ?? '–'}</>;
  return (
    <span>
      group, {strategy}
      <span class="next quiet">{memberWords(members) || 'no member that you may ask'}</span>
    </span>
  );
}

function Rules({ model, rules }: { readonly model: ModelDetails; readonly rules: NonNullable<ModelDetails['rules']> }) {
  return (
    <details>
      <summary>{plural(rules.length, 'rule')}</summary>
      <ul class="rules">
        {rules.map(({ name, when, strategy, members }) => (
          <li key={name}>
            <strong>{name}</strong>: {when !== null && `${conditionWords(when)} → `}
            {memberWords(members)} <span class="quiet">({strategy})</span>
          </li>
        ))}
        <li>
          <strong>otherwise</strong>: {memberWords(model.otherwise ?? [])}
        </li>
      </ul>
    </details>
  );
}
