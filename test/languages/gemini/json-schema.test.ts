import { describe, expect, it } from 'vitest';
import { toGeminiJsonSchema } from '../../../src/languages/gemini/json-schema.ts';
import { toOpenApiSchema } from '../../../src/languages/gemini/openapi-schema.ts';

const tree = {
  $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' }, v: { type: 'integer' } } } },
  type: 'object',
  properties: { root: { $ref: '#/$defs/Node', description: 'The root.' } },
};

describe('a JSON schema for the JSON Schema fields of Google', () => {
  it.each([
    [
      'keeps closed objects',
      { type: 'object', additionalProperties: false },
      { type: 'object', additionalProperties: false },
    ],
    ['keeps null among the types', { type: ['string', 'null'] }, { type: ['string', 'null'] }],
    ['turns nullable into a type', { type: 'string', nullable: true }, { type: ['string', 'null'] }],
    ['turns const into an enum', { const: 3 }, { type: 'number', enum: [3] }],
    ['has no enum of booleans', { type: 'boolean', enum: [true] }, { type: 'boolean' }],
    ['finds the type of booleans', { enum: [true, false, null] }, { type: ['boolean', 'null'] }],
    ['finds the type of numbers', { enum: [1, 2.5] }, { type: 'number', enum: [1, 2.5] }],
    [
      'says null of nullable numbers by type',
      { type: 'integer', nullable: true, enum: [1, 2, null] },
      { type: ['integer', 'null'], enum: [1, 2] },
    ],
    ['has only values of the type', { type: 'string', enum: ['a', 1] }, { type: 'string', enum: ['a'] }],
    [
      'has only types of the values',
      { type: ['string', 'integer', 'boolean'], enum: ['a'] },
      { type: 'string', enum: ['a'] },
    ],
    [
      'allows booleans beside other values',
      { enum: ['auto', true, false, null], description: 'On?' },
      { description: 'On?', anyOf: [{ type: 'string', enum: ['auto'] }, { type: 'boolean' }, { type: 'null' }] },
    ],
    [
      'says null by type, not by enum',
      { type: ['string', 'null'], enum: ['a', null] },
      { type: ['string', 'null'], enum: ['a'] },
    ],
    [
      'closes exclusive bounds',
      { type: 'integer', exclusiveMinimum: 0, exclusiveMaximum: 9 },
      { type: 'integer', minimum: 1, maximum: 8 },
    ],
    [
      'leaves out unknown keywords',
      { $schema: 'x', type: 'string', pattern: 'a', minLength: 1, default: 'a', format: 'uuid' },
      { type: 'string' },
    ],
    ['gives every array items', { type: 'array' }, { type: 'array', items: {} }],
    [
      'reads tuples of old drafts',
      { type: 'array', items: [{ type: 'string' }] },
      { type: 'array', prefixItems: [{ type: 'string' }] },
    ],
    [
      'keeps alternatives',
      { oneOf: [{ type: 'string' }, { type: 'null' }] },
      { oneOf: [{ type: 'string' }, { type: 'null' }] },
    ],
    [
      'merges allOf',
      {
        allOf: [
          { type: 'object', properties: { a: {} }, required: ['a'] },
          { properties: { b: {} }, required: ['b'] },
        ],
      },
      { type: 'object', properties: { a: {}, b: {} }, required: ['a', 'b'] },
    ],
  ])('%s', (_, schema, expected) => {
    expect(toGeminiJsonSchema(schema)).toEqual(expected);
  });

  it('has references ($ref) alone', () => {
    expect(toGeminiJsonSchema(tree)).toEqual({
      ...tree,
      properties: { root: { description: 'The root.', anyOf: [{ $ref: '#/$defs/Node' }] } },
    });
  });

  it('keeps the description beside a reference ($ref), wherever that leads', () => {
    const description = 'Mine.';
    const schema = {
      $defs: { A: { type: 'string', description: 'Any.' } },
      properties: {
        a: { $ref: '#/$defs/A' },
        b: { allOf: [{ $ref: '#/$defs/A' }], description },
        c: { $ref: '#/properties/d', description },
        d: { type: 'number', description: 'Another.' },
        e: { $ref: '#', description },
        f: { $ref: '#/$defs/None', description },
      },
    };
    const reference = { $ref: '#/$defs/A' };
    expect(toGeminiJsonSchema(schema)['properties']).toEqual({
      a: reference,
      b: { description, anyOf: [reference] },
      c: { type: 'number', description },
      d: { type: 'number', description: 'Another.' },
      e: { type: 'object', description },
      f: { type: 'object', description },
    });
  });

  it('moves old definitions to $defs', () => {
    const schema = {
      definitions: { A: { type: 'string' } },
      properties: { a: { allOf: [{ $ref: '#/definitions/A' }], title: 'A' } },
    };
    expect(toGeminiJsonSchema(schema)).toEqual({
      $defs: { A: { type: 'string' } },
      properties: { a: { $ref: '#/$defs/A' } },
    });
  });

  it('inlines references to anything but definitions, and ends recursion', () => {
    const schema = {
      properties: { a: { type: 'string' }, b: { $ref: '#/properties/a' }, c: { $ref: '#' }, d: { $ref: 'x.json' } },
    };
    expect(toGeminiJsonSchema(schema)['properties']).toEqual({
      a: { type: 'string' },
      b: { type: 'string' },
      c: { type: 'object' },
      d: { type: 'object' },
    });
  });
});

describe('a JSON schema in the OpenAPI subset of Google', () => {
  it.each([
    [
      'opens objects',
      { type: 'object', additionalProperties: false, properties: { a: {} } },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
    ['says null by nullable', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    [
      'says null by nullable among alternatives',
      { anyOf: [{ type: 'integer' }, { type: 'null' }], title: 'N' },
      { type: 'integer', title: 'N', nullable: true },
    ],
    [
      'splits types',
      { type: ['string', 'integer'], minimum: 1 },
      {
        anyOf: [
          { type: 'string', minimum: 1 },
          { type: 'integer', minimum: 1 },
        ],
      },
    ],
    [
      'turns oneOf into anyOf',
      { oneOf: [{ type: 'string' }, { type: 'integer' }] },
      { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    ],
    ['turns const into an enum', { const: 'a' }, { type: 'string', enum: ['a'] }],
    [
      'describes an enum of numbers in words',
      { type: 'integer', description: 'Dice.', enum: [1, 2] },
      { type: 'integer', description: 'Dice. One of: 1, 2.' },
    ],
    ['has only strings of strings', { type: 'string', enum: ['a', 1] }, { type: 'string', enum: ['a'] }],
    ['has no empty enum', { type: 'string', enum: [1, 2] }, { type: 'string' }],
    [
      'describes untyped and nullable numbers and booleans in words',
      { type: 'object', properties: { a: { enum: [1, null] }, b: { enum: [true] } } },
      {
        type: 'object',
        properties: {
          a: { type: 'number', description: 'One of: 1.', nullable: true },
          b: { type: 'boolean', description: 'One of: true.' },
        },
      },
    ],
    [
      'gives each type its own enum values',
      { enum: ['auto', 1, true] },
      {
        anyOf: [
          { type: 'string', enum: ['auto'] },
          { type: 'number', description: 'One of: 1.' },
          { type: 'boolean', description: 'One of: true.' },
        ],
      },
    ],
    ['gives every array typed items', { type: 'array', items: {} }, { type: 'array', items: { type: 'string' } }],
    ['knows few formats', { type: 'string', format: 'email' }, { type: 'string' }],
    ['keeps known formats', { type: 'integer', format: 'int64' }, { type: 'integer', format: 'int64' }],
    [
      'requires only what there is',
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a', 'b'] },
      { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
    ],
    [
      'merges allOf',
      { allOf: [{ type: 'object' }, { properties: { a: { type: 'string' } } }] },
      { type: 'object', properties: { a: { type: 'string' } } },
    ],
  ])('%s', (_, schema, expected) => {
    expect(toOpenApiSchema(schema)).toEqual(expected);
  });

  it('inlines references ($ref) and ends recursion', () => {
    const node = { type: 'object', properties: { next: { type: 'object' }, v: { type: 'integer' } } };
    expect(toOpenApiSchema(tree)).toEqual({
      type: 'object',
      properties: { root: { ...node, description: 'The root.' } },
    });
  });

  it('has a limit of growth', () => {
    const names = Array.from({ length: 40 }, (_, order) => `D${order}`);
    const $defs = Object.fromEntries(
      names.map((name, order) => {
        const $ref = `#/$defs/D${order + 1}`;
        return [name, { type: 'object', properties: { a: { $ref }, b: { $ref } } }];
      }),
    );
    expect(JSON.stringify(toOpenApiSchema({ $defs, $ref: '#/$defs/D0' })).length).toBeLessThan(1_000_000);
  });
});
