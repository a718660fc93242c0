import type { ChunkDelta } from '../../protocol/delta.ts';
import type { CodeRunDelta, ServerStep } from '../../protocol/hosted-delta.ts';
import { type JsonRecord, recordOf, recordsOf } from '../../protocol/json.ts';
import type { Carried } from '../../protocol/model-message.ts';
import { CodeItem } from './client-code-item.ts';
import { ImageItem, toInlineImage } from './client-hosted-items.ts';
import type { ItemList, ListedItem } from './client-item-list.ts';
import { ServerStepItem } from './client-server-item.ts';

/** What the items of a provider's own tools are made with. */
export interface HostedOptions {
  readonly items: ItemList;
  readonly newId: (prefix: string) => string;
  /** Ends what is thought and said before such an item. */
  readonly endText: () => void;
  /** What a signature of Gemini is carried as. */
  readonly toCarried: (signature: string) => Carried;
}

/** Makes items of what a provider did with tools of its own: images, code, calls of servers. */
export class HostedOutput {
  readonly #options: HostedOptions;
  readonly #runs = new Map<number, ListedItem<CodeItem>>();
  readonly #openRuns = new Set<ListedItem<CodeItem>>();
  /** Where all code of the answer runs. */
  #container: string | null = null;

  constructor(options: HostedOptions) {
    this.#options = options;
  }

  read({ images, code_runs: runs, server_steps: steps }: ChunkDelta): void {
    for (const image of recordsOf(images)) this.#show(image);
    if (runs) for (const run of runs) this.#run(run);
    if (steps) for (const step of steps) this.#step(step);
  }

  /** Ends code of which no more was told: something else follows it. */
  endRuns(): void {
    for (const run of this.#openRuns) this.#end(run);
  }

  #show(image: JsonRecord): void {
    const inline = toInlineImage(recordOf(image['image_url'])['url']);
    if (inline === null) return;
    const { items, endText } = this.#options;
    endText();
    items.end(items.begin('ig', (place) => new ImageItem(place, inline)));
  }

  #run(delta: CodeRunDelta): void {
    const run = this.#runs.get(delta.index) ?? this.#beginRun(delta);
    if (run.isEnded) return;
    if (delta.signature) run.providerState = this.#options.toCarried(delta.signature);
    run.item.add(delta);
    if (run.item.isWhole()) this.#end(run);
  }

  #end(run: ListedItem<CodeItem>): void {
    this.#openRuns.delete(run);
    this.#options.items.end(run);
  }

  #beginRun({ index, container }: CodeRunDelta): ListedItem<CodeItem> {
    const { items, endText, newId } = this.#options;
    endText();
    this.#container = container ?? this.#container ?? newId('cntr');
    const id = this.#container;
    const run = items.begin('ci', (place) => new CodeItem(place, id));
    run.item.begin();
    this.#runs.set(index, run);
    this.#openRuns.add(run);
    return run;
  }

  #step(step: ServerStep): void {
    const { items, endText } = this.#options;
    endText();
    const listed = items.begin(step.type === 'call' ? 'mcp' : 'mcpl', (place) => new ServerStepItem(place, step));
    listed.item.begin();
    items.end(listed);
  }
}
