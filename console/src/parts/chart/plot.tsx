import { labelStep } from './scale.ts';

/** Where things stand in a chart, in pixels. */
export interface Plot {
  readonly width: number;
  readonly height: number;
  /** How wide the place of one stretch of time is. */
  readonly step: number;
  /** The left edge of a place. */
  x(at: number): number;
  y(value: number): number;
}

const HEIGHT = 190;
/** Room for the numbers at the left, and for the days below; the stylesheet knows it too. */
const LEFT = 56;
const BELOW = 22;
const ABOVE = 8;
/** With the room between two of them. */
const LABEL_WIDTH = 64;
const LABEL_GAP = 16;

/** @param width of the whole drawing @param top the value at its upper edge */
export function toPlot(width: number, places: number, top: number): Plot {
  const step = Math.max(0, width - LEFT) / Math.max(1, places);
  const inner = HEIGHT - ABOVE - BELOW;
  return {
    width,
    height: HEIGHT,
    step,
    x: (at) => LEFT + at * step,
    y: (value) => ABOVE + inner * (1 - Math.min(1, value / top)),
  };
}

interface AxesProps {
  readonly plot: Plot;
  readonly top: number;
  readonly labels: readonly string[];
  /** A value of the axis in few letters. */
  readonly mark: (value: number) => string;
}

/** Nothing, half and whole as lines, and the labels that have room below. */
export function Axes({ plot, top, labels, mark }: AxesProps) {
  const every = labelStep(labels.length, plot.width - LEFT, LABEL_WIDTH);
  return (
    <g class="axes">
      {[0, top / 2, top].map((value) => (
        <g key={value}>
          <line x1={LEFT} x2={plot.width} y1={plot.y(value)} y2={plot.y(value)} />
          <text x={LEFT - 6} y={plot.y(value) + 4} text-anchor="end">
            {mark(value)}
          </text>
        </g>
      ))}
      {labels.map((label, at) => {
        const middle = plot.x(at) + plot.step / 2;
        if (at % every !== 0 || middle + (LABEL_WIDTH - LABEL_GAP) / 2 > plot.width) return null;
        return (
          <text key={middle} x={middle} y={plot.height - 5} text-anchor="middle">
            {label}
          </text>
        );
      })}
    </g>
  );
}
