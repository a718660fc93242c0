/** One mistake in a configuration file. `line` and `column` count from 1. */
export interface Problem {
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
    super(problems.map(({ file, line, column, text }) => `${file}:${line}:${column}: ${text}`).join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}
