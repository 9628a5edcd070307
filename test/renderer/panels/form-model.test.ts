/** From a JSON Schema to a form, and from a form to what is sent. */
import { describe, expect, it } from 'vitest';
import {
  changedValues,
  formModel,
  formProblems,
  isChanged,
  numberProblem,
  parseList,
  rangeText,
  titleOf,
  type Values,
  withValue,
} from '../../../renderer/reconstruct/form-model.ts';

const schema = {
  type: 'object',
  properties: {
    steps: { type: 'integer', default: 50, minimum: 1, maximum: 1000, description: 'How many.' },
    eta: { type: 'number', default: 0.5, exclusiveMinimum: 0, maximum: 1, unit: '1/cost' },
    sigmaY: {
      default: 'auto',
      anyOf: [
        { type: 'string', const: 'auto' },
        { type: 'number', minimum: 0 },
      ],
    },
    tv: { default: 'auto', anyOf: [{ type: 'string', const: 'auto' }, { type: 'boolean' }] },
    power: {
      default: 2,
      anyOf: [
        { type: 'number', const: 1 },
        { type: 'number', const: 2 },
      ],
    },
    sampler: { default: 'ddim', type: 'string', enum: ['ddim', 'dpm2m'] },
    mirror: { default: false, type: 'boolean' },
    radii: { type: 'array', items: { type: 'number' } },
    title: { type: 'string' },
    preset: { type: 'string', enum: ['none'] },
  },
};

describe('formModel', () => {
  const fields = formModel(schema as unknown as Values, ['preset']);
  const named = (name: string) => fields.find((field) => field.name === name);

  it('makes one field per property in order, without those left out', () => {
    expect(fields.map(({ name }) => name)).toEqual(Object.keys(schema.properties).slice(0, -1));
  });
  it('reads range, unit, help and default', () => {
    expect(named('steps')).toMatchObject({
      ...{ title: 'Steps', help: 'How many.', default: 50 },
      input: { type: 'number', integer: true, min: 1, max: 1000, openMin: false },
    });
    expect(named('eta')).toMatchObject({ unit: '1/cost', input: { min: 0, openMin: true, integer: false } });
  });
  it('tells a number or a word, a yes or no with a word, and fixed numbers apart', () => {
    expect(named('sigmaY')?.input).toMatchObject({ type: 'number-or-word', words: ['auto'], number: { min: 0 } });
    expect(named('tv')?.input).toEqual({ type: 'choice', options: ['auto', true, false] });
    expect(named('power')?.input).toEqual({ type: 'choice', options: [1, 2] });
  });
  it('knows choices, switches, lists and text', () => {
    expect(named('sampler')?.input).toEqual({ type: 'choice', options: ['ddim', 'dpm2m'] });
    expect(named('mirror')?.input).toEqual({ type: 'boolean' });
    expect(named('radii')?.input).toEqual({ type: 'list', of: 'number' });
    expect(named('title')?.input).toEqual({ type: 'text' });
  });
  it('has no field for a schema without properties', () => {
    expect(formModel({})).toEqual([]);
    expect(formModel({ properties: 'none' })).toEqual([]);
  });

  it('sends what differs from its default; with a preset whatever was given', () => {
    const values = { steps: 50, eta: 0.25, unknown: 1 };
    expect(changedValues(fields, values)).toEqual({ eta: 0.25 });
    expect(changedValues(fields, values, true)).toEqual({ steps: 50, eta: 0.25 });
    const steps = fields[0];
    expect(isChanged(steps, {}, true)).toBe(false);
  });
  it('names every value out of range with what is accepted', () => {
    expect(formProblems(fields, { steps: 0, eta: 0, sigmaY: 'auto' })).toEqual({
      steps: '0 is out of range: from 1 to 1000.',
      eta: '0 is out of range: above 0 to 1.',
    });
    expect(formProblems(fields, { steps: 2.5 }).steps).toMatch(/not a whole number/);
    expect(formProblems(fields, { sigmaY: -1 }).sigmaY).toMatch(/from 0/);
  });
});

it('sets and takes back a value', () => {
  expect(withValue({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 });
  expect(withValue({ a: 1, b: 2 }, 'b', undefined)).toEqual({ a: 1 });
});

it('reads lists with commas, blanks or both, and refuses words among numbers', () => {
  expect(parseList('1, 2;3  4', 'number')).toEqual([1, 2, 3, 4]);
  expect(parseList('1, x', 'number')).toBeUndefined();
  expect(parseList('a b', 'text')).toEqual(['a', 'b']);
});

it('writes names and ranges as people read them', () => {
  expect(titleOf('cgIters')).toBe('Cg iters');
  expect(titleOf('l1-wavelet')).toBe('L1 wavelet');
  const open = { type: 'number', integer: false, openMin: false, openMax: false } as const;
  expect(rangeText({ ...open, min: undefined, max: undefined })).toBe('');
  expect(rangeText({ ...open, min: 0, max: 1e12 })).toBe('from 0');
  expect(numberProblem({ ...open, min: undefined, max: 1 }, Number.NaN)).toBe('A number is expected.');
});
