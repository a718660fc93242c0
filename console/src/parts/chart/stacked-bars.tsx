import { type ChartProps, Frame } from './frame.tsx';
import { inkOf, Swatch } from './inks.tsx';
import type { Plot } from './plot.tsx';
import { greatest, type Series, stackAt, totalAt } from './scale.ts';

/** Bars whose parts are the series, from below. {@link Inks} has to be on the page. */
export function StackedBars(props: ChartProps) {
  const { buckets, series } = props;
  const totals = buckets.map((_bucket, at) => totalAt(series, at));
  return (
    <Frame
      {...props}
      max={greatest(totals)}
      hasTotal
      sign={(index) => <Swatch series={index} />}
      draw={(plot) => buckets.map(({ title }, at) => <Bar key={title} plot={plot} series={series} at={at} />)}
    />
  );
}

function Bar({ plot, series, at }: { readonly plot: Plot; readonly series: readonly Series[]; readonly at: number }) {
  const gap = Math.min(6, plot.step * 0.2);
  return (
    <g>
      {stackAt(series, at).map(({ series: index, from, to }) => (
        <rect
          key={index}
          class="bar-part"
          fill={inkOf(index)}
          x={plot.x(at) + gap / 2}
          width={Math.max(1, plot.step - gap)}
          y={plot.y(to)}
          height={Math.max(1, plot.y(from) - plot.y(to))}
        />
      ))}
    </g>
  );
}
