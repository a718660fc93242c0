import { type ChartProps, Frame } from './frame.tsx';
import type { Plot } from './plot.tsx';
import { greatest, type Point, piecesOf, type Series } from './scale.ts';

/** What a series should not be above. */
export interface Goal {
  /** Of which series, by its place. */
  readonly series: number;
  readonly value: number;
  /** `goal p95 ≤ 1.5 s` */
  readonly words: string;
}

/** Lines over time, broken where nothing was measured, with their goals. */
export function Lines({ goals, ...props }: ChartProps & { readonly goals: readonly Goal[] }) {
  const { series } = props;
  const values = [...series.flatMap((one) => one.values), ...goals.map(({ value }) => value)];
  return (
    <Frame
      {...props}
      max={greatest(values)}
      hasTotal={false}
      sign={(index) => <Sign line={`line line-${index}`} />}
      legend={goals.map((goal) => (
        <li key={goal.words}>
          <Sign line={`goal line-${goal.series}`} /> {goal.words}
        </li>
      ))}
      draw={(plot) => (
        <>
          {goals.map((goal) => (
            <GoalLine key={goal.words} plot={plot} goal={goal} />
          ))}
          {series.map((one, index) => (
            <Line key={one.name} plot={plot} values={one.values} series={index} />
          ))}
        </>
      )}
    />
  );
}

interface LineProps {
  readonly plot: Plot;
  readonly values: Series['values'];
  readonly series: number;
}

/** A value that stands alone is a dot: a line of one point would not be seen. */
function Line({ plot, values, series }: LineProps) {
  const points = values.map((value, at): Point | null =>
    value === null ? null : { x: plot.x(at) + plot.step / 2, y: plot.y(value) },
  );
  return (
    <g class={`line line-${series}`}>
      {piecesOf(points).map((piece) => (
        <g key={piece[0]?.x}>
          <path d={`M${piece.map(({ x, y }) => `${x.toFixed(1)} ${y.toFixed(1)}`).join('L')}`} />
          {piece.length === 1 && <circle cx={piece[0]?.x} cy={piece[0]?.y} r="3" />}
        </g>
      ))}
    </g>
  );
}

function GoalLine({ plot, goal: { series, value } }: { readonly plot: Plot; readonly goal: Goal }) {
  const y = plot.y(value);
  return <path class={`goal line-${series}`} d={`M${plot.x(0)} ${y}H${plot.width}`} />;
}

/** A piece of a line beside its name. */
function Sign({ line }: { readonly line: string }) {
  return (
    <svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">
      <path class={line} d="M0 8H16" />
    </svg>
  );
}
