/** One request body, and what has to become of it. */
export interface HostileBody {
  readonly name: string;
  /** True for one that is large and good: it has to pass. */
  readonly isGood: boolean;
  /** JSON text for this model. */
  text(model: string): string;
}

const MB = 1024 * 1024;
/** Just below the limit of 20 MB. */
const FULL = 19 * MB;

const USER = '{"role":"user","content":"Hello"}';

function bad(name: string, text: (model: string) => string): HostileBody {
  return { name, isGood: false, text };
}

function good(name: string, text: (model: string) => string): HostileBody {
  return { name, isGood: true, text };
}

/** So many bytes of something that repeats. */
function fill(bytes: number, piece: string): string {
  return piece.repeat(Math.floor(bytes / piece.length));
}

function list(count: number, entry: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => entry(at)).join(',');
}

function chat(model: string, messages: string, more = ''): string {
  return `{"model":"${model}","input":"x","messages":[${messages}]${more}}`;
}

function said(content: string): string {
  return `{"role":"user","content":${content}}`;
}

function functionTool(name: string, parameters: string): string {
  return `{"type":"function","function":{"name":"${name}","parameters":${parameters}}}`;
}

function calls(count: number, args: string, result: string): string {
  const asked = list(count, (at) => `{"id":"c${at}","type":"function","function":{"name":"f","arguments":${args}}}`);
  const answers = list(count, (at) => `{"role":"tool","tool_call_id":"c${at}","content":${result}}`);
  return `${USER},{"role":"assistant","tool_calls":[${asked}]},${answers}`;
}

/** Ten tools, each of whose properties refers to the next one three times over. */
function referring(): string {
  const property = (at: number): string => {
    const ref = `{"$ref":"#/properties/p${at + 1}"}`;
    return `"p${at}":{"type":"object","properties":{"a":${ref},"b":${ref},"c":${ref}}}`;
  };
  return list(10, (at) => functionTool(`f${at}`, `{"type":"object","properties":{${list(20, property)}}}`));
}

const allOf = (count: number): string => `{"allOf":[${list(count, (at) => `{"properties":{"p${at}":{}}}`)}]}`;

/** What was found to hurt, and what is large and good, in the order of the table. */
export const BODIES: readonly HostileBody[] = [
  bad('19 MB of zeros for messages', (model) => chat(model, `${fill(FULL, '0,')}0`)),
  bad('0.8 MB of zeros for messages', (model) => chat(model, `${fill(0.8 * MB, '0,')}0`)),
  bad('a million unknown fields', (model) => chat(model, USER, `,${list(1_000_000, (at) => `"f${at}":0`)}`)),
  bad('20,000 unknown fields', (model) => chat(model, USER, `,${list(20_000, (at) => `"f${at}":0`)}`)),
  bad('20,000 names of 950 letters', (model) =>
    chat(model, USER, `,"metadata":{${list(20_000, (at) => `"${'n'.repeat(940)}${at}":0`)}}`),
  ),
  bad('500,000 fallbacks', (model) => chat(model, USER, `,"fallbacks":[${fill(2 * MB, '"m",')}"m"]`)),
  bad('249,000 zeros for content', (model) => chat(model, said(`[${fill(498_000, '0,')}0]`))),
  bad('249,000 zeros for tools', (model) => chat(model, USER, `,"tools":[${fill(498_000, '0,')}0]`)),
  bad('249,000 empty objects', (model) => chat(model, USER, `,"x":[${fill(249_000 * 3, '{},')}{}]`)),
  bad('249,000 empty lists', (model) => chat(model, USER, `,"x":[${fill(249_000 * 3, '[],')}[]]`)),
  bad('9 million levels', (model) => chat(model, USER, `,"x":${fill(9 * MB, '[')}${fill(9 * MB, ']')}`)),
  bad('100,000 levels', (model) => chat(model, USER, `,"x":${fill(100_000, '[')}${fill(100_000, ']')}`)),
  bad('249,000 numbers of 70 digits', (model) =>
    chat(model, USER, `,"x":[${fill(249_000 * 71, `${'7'.repeat(70)},`)}7]`),
  ),
  bad('one number of 19 MB', (model) => chat(model, USER, `,"x":${fill(FULL, '7')}`)),
  bad('19 MB of quotes in a text', (model) => chat(model, said(`"${fill(FULL, '\\"')}"`))),
  bad('19 MB of \\u0000 in a text', (model) => chat(model, said(`"${fill(FULL, '\\u0000')}"`))),
  bad('19 MB of line breaks in a tool', (model) =>
    chat(model, USER, `,"tools":[{"type":"function","function":{"name":"f","description":"${fill(FULL, '\\n')}"}}]`),
  ),
  bad('62,000 pictures', (model) =>
    chat(model, said(`[${list(62_000, () => '{"type":"image_url","image_url":{"url":"data:,x"}}')}]`)),
  ),
  bad('19 MB of %41 in a data URL', (model) =>
    chat(model, said(`[{"type":"image_url","image_url":{"url":"data:image/png,${fill(FULL, '%41')}"}}]`)),
  ),
  bad('19 MB of zeros in the arguments of a call', (model) =>
    chat(model, calls(1, `"{\\"a\\":[${fill(FULL, '0,')}0]}"`, '"x"')),
  ),
  bad('9 million levels in the result of a call', (model) =>
    chat(model, calls(1, '"{}"', `"${fill(9 * MB, '[')}${fill(9 * MB, ']')}"`)),
  ),
  bad('10 tools that refer to each other', (model) => chat(model, USER, `,"tools":[${referring()}]`)),
  bad('a schema of 16,000 members', (model) => chat(model, USER, `,"tools":[${functionTool('f', allOf(16_000))}]`)),
  bad('a schema of 120,000 alternatives', (model) =>
    chat(model, USER, `,"tools":[${functionTool('f', `{"anyOf":[${fill(120_000 * 11, '{"type":""},')}{}]}`)}]`),
  ),
  bad('20,000 biases', (model) => chat(model, USER, `,"logit_bias":{${list(20_000, (at) => `"${at}":1`)}}`)),
  good('19 MB of base64', (model) =>
    chat(model, said(`[{"type":"image_url","image_url":{"url":"data:image/png;base64,${fill(FULL, 'QUJD')}"}}]`)),
  ),
  good('8,000 parallel calls with their answers', (model) =>
    chat(model, calls(8000, '"{\\"a\\":1}"', '"{\\"b\\":2}"')),
  ),
  good('50,000 messages', (model) =>
    chat(
      model,
      list(50_000, () => USER),
    ),
  ),
  good('80,000 parts', (model) => chat(model, said(`[${list(80_000, () => '{"type":"text","text":"x"}')}]`))),
  good('19 MB of text in 2,000 messages', (model) =>
    chat(
      model,
      list(2000, () => said(`"${fill(9700, 'Gr\\u00fc\\u00dfe, \\"x\\"\\n')}"`)),
    ),
  ),
  good('2,000 tools', (model) =>
    chat(
      model,
      USER,
      `,"tools":[${list(2000, (at) => functionTool(`f${at}`, '{"type":"object","properties":{"a":{"type":"string"}}}'))}]`,
    ),
  ),
];
