import { go, place, withQuery } from '../../app/router.ts';
import { listAllModels, readPerformance } from '../../feed/figures.ts';
import { usePoll } from '../../feed/poll.ts';
import type { ModelDetails, PerformanceReport } from '../../feed/wire.ts';
import { count } from '../../parts/format.ts';
import { askableFirst, isMeant } from '../../parts/model-facts.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { ModelTable } from './model-table.tsx';
import './models.css';

const EVERY_MS = 30_000;
/** How far back a model's own figures look. */
const LAST_CALLS = 1000;

interface KnownModels {
  readonly models: readonly ModelDetails[];
  readonly figures: PerformanceReport['by_model'];
}

/** What can be asked, and what it takes and costs. */
export function ModelsPage() {
  const { data, error, isSlow, reload } = usePoll(readAll, 'models', EVERY_MS);
  const wanted = place.value.query.get('q') ?? '';
  const isAll = place.value.query.get('show') !== 'askable';
  const found = data?.models.filter((model) => (isAll || model.available) && isMeant(model, wanted)) ?? [];
  return (
    <>
      <div class="heading">
        <h1>Models {data && <span class="quiet">{count(found.length)}</span>}</h1>
        <label class="field end">
          Show
          <select
            value={isAll ? '' : 'askable'}
            onChange={(event) => go(withQuery({ show: event.currentTarget.value }), true)}
          >
            <option value="">all</option>
            <option value="askable">what can be asked now</option>
          </select>
        </label>
        <label class="field search">
          Name, provider or what it can do
          <input
            type="search"
            value={wanted}
            onInput={(event) => go(withQuery({ q: event.currentTarget.value }), true)}
          />
        </label>
      </div>
      {data === null && error === null && <Skeleton rows={8} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && isDemoAlone(data.models) && <DemoAlone />}
      {data !== null && found.length === 0 && <None wanted={wanted} />}
      {data !== null && found.length > 0 && <ModelTable models={found} figures={data.figures} now={Date.now()} />}
    </>
  );
}

async function readAll(abort: AbortSignal): Promise<KnownModels> {
  const [models, report] = await Promise.all([listAllModels(abort), readPerformance(LAST_CALLS, abort)]);
  return { models: askableFirst(models), figures: report.by_model };
}

function isDemoAlone(models: readonly ModelDetails[]): boolean {
  const usable = models.filter(({ available, provider }) => available && provider !== null);
  return usable.length > 0 && usable.every(({ provider }) => provider === 'demo');
}

function DemoAlone() {
  return (
    <p class="notice">
      No other provider has a key: the demo model answers, which needs none. <code>npm start</code> prints which
      variables to set.
    </p>
  );
}

function None({ wanted }: { readonly wanted: string }) {
  if (wanted === '') return <Empty>Your key may use no model. Its owner can change that.</Empty>;
  return <Empty>No model fits “{wanted}”. Take a word away to see more.</Empty>;
}
