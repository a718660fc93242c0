/** One mistake in a configuration file. `line` and `column` count from 1. */
export interface Problem {
  /** Or the flag or variable at fault; then `line` is 0. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The setting and what is wrong with it. */
  readonly text: string;
}

/** Everything that is wrong with a configuration, in one go; the message has a line for each problem. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(toLine).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function toLine({ file, line, column, text }: Problem): string {
  return line === 0 ? `${file}: ${text}` : `${file}:${line}:${column}: ${text}`;
}
