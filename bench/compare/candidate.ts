import type { Server } from '../../lab/server-process.ts';
import type { Headers } from '../load.ts';

/** Who is measured: Sluice, its yardstick, and peers where they are installed. */
export const NAMES = ['bare', 'sluice', 'nginx', 'portkey'] as const;
export type Name = (typeof NAMES)[number];

/** A running server, and what a request to it needs. */
export interface Subject {
  readonly name: Name | 'direct';
  readonly server: Server;
  readonly headers: Headers;
  /** The same for models of Gemini. */
  readonly geminiHeaders: Headers;
}

/** One that can be started, as often as needed; `title` is its name with its version. */
export interface Candidate {
  readonly title: string;
  start(upstreamUrl: string, cores: string | null): Promise<Subject>;
}
