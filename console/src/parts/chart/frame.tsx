import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import './chart.css';
import { type Bucket, Columns } from './columns.tsx';
import { Figures } from './figures.tsx';
import { Axes, type Plot, toPlot } from './plot.tsx';
import { isEstimatedAt, roundTop, type Series, totalAt } from './scale.ts';
import { useWidth } from './use-width.ts';

/** What every chart shows: series over stretches of time, the oldest first. */
export interface ChartProps {
  readonly title: string;
  readonly buckets: readonly Bucket[];
  readonly series: readonly Series[];
  /** A value in words, marked where it is an estimate. */
  readonly show: (value: number | null, isEstimate?: boolean) => string;
  /** A value of the axis, in at most eight letters; as `show` has it where it is not given. */
  readonly mark?: (value: number) => string;
}

interface FrameProps extends ChartProps {
  /** The greatest value that has to have room. */
  readonly max: number;
  /** Whether all series together are something. */
  readonly hasTotal: boolean;
  /** The sign of a series in the legend. */
  readonly sign: (series: number) => ComponentChildren;
  /** What else the legend has, as items of a list. */
  readonly legend?: ComponentChildren;
  readonly draw: (plot: Plot) => ComponentChildren;
}

/** Title, legend, axes and figures of a chart, and a line that says what is pointed at. */
export function Frame(props: FrameProps) {
  const { title, buckets, series, show, mark = show, max, hasTotal, sign, legend, draw } = props;
  const [frame, width] = useWidth<HTMLDivElement>();
  const [at, look] = useState<number | null>(null);
  const top = roundTop(max);
  const plot = toPlot(width, buckets.length, top);
  const words = (index: number): string => wordsOf(props, index);
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <ul class="legend">
          {series.map(({ name }, index) => (
            <li key={name}>
              {sign(index)} {name}
            </li>
          ))}
          {legend}
        </ul>
      </figcaption>
      <div class="plot" ref={frame}>
        <svg width={plot.width} height={plot.height} aria-hidden="true">
          <Axes plot={plot} top={top} labels={buckets.map(({ short }) => short)} mark={mark} />
          {draw(plot)}
          {at !== null && <rect class="looked" x={plot.x(at)} width={plot.step} height={plot.height} />}
        </svg>
        <Columns label={title} buckets={buckets} words={words} onLook={look} />
      </div>
      <p class="readout">{at === null || at >= buckets.length ? '' : words(at)}</p>
      <Figures title={title} buckets={buckets} series={series} show={show} hasTotal={hasTotal} />
    </figure>
  );
}

function wordsOf({ buckets, series, show, hasTotal }: FrameProps, at: number): string {
  const known = series.filter(({ values }) => (values[at] ?? null) !== null && !(hasTotal && values[at] === 0));
  const parts = known.map((one) => `${one.name} ${show(one.values[at] ?? null, isEstimatedAt(one, at))}`);
  const isEstimate = series.some((one) => isEstimatedAt(one, at));
  const total = hasTotal ? [show(totalAt(series, at), isEstimate)] : [];
  return `${buckets[at]?.title ?? ''}: ${[...total, ...parts].join(' · ') || '–'}`;
}
