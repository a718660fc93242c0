import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { sampleOf } from '../../../src/providers/demo/sample.ts';

const ajv = addFormats.default(new Ajv2020({ strict: false }));
const node = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
  required: ['name', 'children'],
};
const linked = {
  type: 'object',
  properties: { next: { anyOf: [{ $ref: '#' }, { type: 'null' }] } },
  required: ['next'],
};

describe('the sample of a JSON schema', () => {
  it.each([
    [
      'nested objects',
      { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'integer' } } } } },
    ],
    ['an enum of numbers', { enum: [3, 5] }],
    ['a constant', { const: { a: [1] } }],
    ['arrays with bounds', { type: 'array', items: { type: 'boolean' }, minItems: 3, maxItems: 4 }],
    ['an array that must be empty', { type: 'array', maxItems: 0 }],
    ['a tuple', { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: false }],
    ['anyOf with null', { anyOf: [{ type: 'null' }, { type: 'string', minLength: 30 }] }],
    ['null alone', { anyOf: [{ type: 'null' }] }],
    ['oneOf', { oneOf: [{ type: 'object', required: ['x'], properties: { x: { const: 1 } } }, { type: 'string' }] }],
    [
      'allOf',
      {
        allOf: [{ $ref: '#/$defs/a' }, { required: ['b'], properties: { b: { type: 'null' } } }],
        $defs: { a: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } } },
      },
    ],
    ['several types', { type: ['null', 'number'] }],
    ['bounds', { type: 'integer', minimum: 5, maximum: 6 }],
    ['excluded bounds', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
    ['excluded bounds of integers', { type: 'integer', exclusiveMinimum: 5, exclusiveMaximum: 7 }],
    ['multiples', { type: 'integer', minimum: 11, multipleOf: 5 }],
    ['short texts', { type: 'string', maxLength: 3 }],
    [
      'formats',
      {
        type: 'array',
        prefixItems: ['date', 'date-time', 'email', 'uri', 'uuid', 'ipv4'].map((format) => ({
          type: 'string',
          format,
        })),
      },
    ],
    ['references with escapes', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'integer' } } }],
    ['a tree', { $ref: '#/$defs/node', $defs: { node } }],
    ['a list that ends with null', linked],
    ['nothing', {}],
  ])('is valid for %s', (_name, schema) => {
    const sample = sampleOf(schema, 'Is it 2 degrees in Paris?');
    expect(ajv.validate(schema, sample), JSON.stringify(sample)).toBe(true);
  });

  it('ends where a schema is recursive without end', () => {
    expect(() => JSON.stringify(sampleOf({ ...linked, properties: { next: { $ref: '#' } } }, ''))).not.toThrow();
    expect(sampleOf({ $ref: '#' }, '')).toBeDefined();
  });

  it.each([
    ['a billion entries', { type: 'array', minItems: 1e9, items: { type: 'array', minItems: 1e9 } }],
    ['a gigabyte of text', { type: 'string', minLength: 1e9 }],
    [
      'two of everything, forty levels deep',
      { properties: { a: { $ref: '#' }, b: { $ref: '#' } }, required: ['a', 'b'] },
    ],
    ['no pointer', { $ref: '#/%/%E0' }],
    ['an inherited format', { type: 'string', format: 'constructor' }],
  ])('is small for a schema that asks for %s', (_name, schema) => {
    const sample = JSON.stringify(sampleOf(schema, 'Is it 2 degrees in Paris?'));
    expect(sample.length).toBeLessThan(20_000);
  });

  it('takes words from the question', () => {
    const properties = {
      city: { type: 'string' },
      days: { type: 'integer' },
      unit: { enum: ['celsius', 'fahrenheit'] },
      note: { type: 'string' },
    };
    const question = 'Weather for 3 days in Paris in fahrenheit, note: bring a hat';
    expect(sampleOf({ type: 'object', properties }, question)).toEqual({
      city: 'Paris',
      days: 3,
      unit: 'fahrenheit',
      note: 'bring a hat',
    });
  });

  it('leaves optional properties out unless the question names one of their values', () => {
    const unit = { enum: ['celsius', 'fahrenheit'] };
    const schema = { type: 'object', properties: { city: { type: 'string' }, unit }, required: ['city'] };
    expect(sampleOf(schema, 'Weather in Paris')).toEqual({ city: 'Paris' });
    expect(sampleOf(schema, 'Weather in Paris in celsius')).toEqual({ city: 'Paris', unit: 'celsius' });
  });
});
