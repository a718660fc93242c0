import type { JsonRecord } from './json.ts';

/** What a provider ran itself, told to who asked for that by OpenAI's tools. */

/** Code that the provider wrote and ran. `index` counts the runs of one choice from 0; code and output come piece by piece or whole. */
export interface CodeRunDelta {
  readonly index: number;
  /** Where it ran, if the provider tells. */
  readonly container?: string;
  readonly code?: string;
  /** What it printed. */
  readonly output?: string;
  /** Told last. `failed` where the provider could not run it to its end; an error in the code itself is output. */
  readonly outcome?: 'completed' | 'failed';
  /** Gemini's thought signature of the code. */
  readonly signature?: string;
}

/** The provider asked a server of the client's (MCP) which tools it has. */
export interface ServerToolList {
  readonly type: 'list';
  readonly server: string;
  /** Each with `name`, `input_schema`, and where it has them `description` and `annotations`. */
  readonly tools: readonly JsonRecord[];
  readonly error: string | null;
}

/** The provider called a tool of such a server, with this outcome. */
export interface ServerToolCall {
  readonly type: 'call';
  readonly server: string;
  readonly name: string;
  /** JSON. */
  readonly arguments: string;
  readonly output: string | null;
  readonly error: string | null;
}

/** Something that a provider did at a server of the client's, whole. */
export type ServerStep = ServerToolList | ServerToolCall;
