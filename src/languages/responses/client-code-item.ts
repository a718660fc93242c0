import type { CodeRunDelta } from '../../protocol/hosted-delta.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import { type DeltaForm, deltaForm } from './client-events.ts';
import { type ItemPlace, type ItemStatus, namesOf, type OutputItem } from './client-output-item.ts';

const EVENTS = 'response.code_interpreter_call';

/**
 * Code that the provider wrote and ran. What it printed stands in the item whether or not `include` asks for it: a client
 * that keeps the conversation itself could not bring it back otherwise.
 */
export class CodeItem implements OutputItem {
  readonly #place: ItemPlace;
  readonly #container: string;
  readonly #form: DeltaForm;
  #code = '';
  #output = '';
  #isRunning = false;
  #outcome: CodeRunDelta['outcome'] | null = null;

  constructor(place: ItemPlace, container: string) {
    this.#place = place;
    this.#container = container;
    this.#form = deltaForm(`${EVENTS}_code.delta`, { ...namesOf(place) });
  }

  /** Call it when the item has been told to begin, before anything is added. */
  begin(): void {
    this.#tell(`${EVENTS}.in_progress`);
  }

  add({ code, output, outcome }: CodeRunDelta): void {
    if (code && !this.#isRunning) {
      this.#code += code;
      this.#place.events.addDelta(this.#form, code);
    }
    if (output === undefined && outcome === undefined) return;
    this.#run();
    this.#output += output ?? '';
    this.#outcome = outcome ?? this.#outcome;
  }

  /** True where nothing can follow any more. */
  isWhole(): boolean {
    return this.#outcome !== null;
  }

  end(status: ItemStatus): void {
    this.#run();
    if (this.#told(status) === 'completed') this.#tell(`${EVENTS}.completed`);
  }

  toItem(status: ItemStatus): JsonRecord {
    return {
      id: this.#place.id,
      type: 'code_interpreter_call',
      status: this.#told(status),
      container_id: this.#container,
      code: this.#code,
      outputs: this.#output === '' ? [] : [{ type: 'logs', logs: this.#output }],
    };
  }

  /** The code is whole. */
  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#tell(`${EVENTS}_code.done`, { code: this.#code });
    this.#tell(`${EVENTS}.interpreting`);
  }

  #told(status: ItemStatus): string {
    return status === 'completed' && this.#outcome === 'failed' ? 'failed' : status;
  }

  #tell(type: string, fields: JsonRecord = {}): void {
    this.#place.events.add(type, { ...namesOf(this.#place), ...fields });
  }
}
