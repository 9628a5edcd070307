/** From the JSON Schema of a parameter object to the fields of a form. */
import { z } from 'zod';

export type Json = z.core.util.JSONType;
export type Values = Readonly<Record<string, Json>>;

export interface NumberInput {
  type: 'number';
  integer: boolean;
  min: number | undefined;
  max: number | undefined;
  /** The bounds themselves are not allowed. */
  openMin: boolean;
  openMax: boolean;
}

export type FieldInput =
  | NumberInput
  /** A number, or one of a few words such as "auto". */
  | { type: 'number-or-word'; words: readonly string[]; number: NumberInput }
  | { type: 'choice'; options: readonly (string | number | boolean)[] }
  | { type: 'boolean' }
  | { type: 'list'; of: 'number' | 'text' }
  | { type: 'text' };

export interface FormField {
  name: string;
  title: string;
  help: string;
  unit: string;
  default: Json | undefined;
  group: string;
  input: FieldInput;
}

const property = z.looseObject({
  type: z.string().optional(),
  enum: z.array(z.union([z.string(), z.number(), z.boolean()])).optional(),
  const: z.union([z.string(), z.number(), z.boolean()]).optional(),
  anyOf: z.array(z.record(z.string(), z.json())).optional(),
  items: z.record(z.string(), z.json()).optional(),
  default: z.json().optional(),
  description: z.string().default(''),
  unit: z.string().default(''),
  group: z.string().default(''),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
});
type Property = z.output<typeof property>;

/** "cgIters" as "Cg iters". */
export function titleOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function numberInput(schema: Property): NumberInput {
  return {
    type: 'number',
    integer: schema.type === 'integer',
    min: schema.minimum ?? schema.exclusiveMinimum,
    max: schema.maximum ?? schema.exclusiveMaximum,
    openMin: schema.minimum === undefined && schema.exclusiveMinimum !== undefined,
    openMax: schema.maximum === undefined && schema.exclusiveMaximum !== undefined,
  };
}

const isNumber = ({ type, const: only }: Property) => only === undefined && (type === 'number' || type === 'integer');

function alternatives(branches: readonly Property[]): FieldInput {
  const fixed = branches.flatMap((one) => one.enum ?? (one.const === undefined ? [] : [one.const]));
  const booleans = branches.some(({ type, const: only }) => type === 'boolean' && only === undefined)
    ? [true, false]
    : [];
  const number = branches.find(isNumber);
  if (number === undefined) {
    const list = branches.find(({ type }) => type === 'array');
    return list === undefined || fixed.length > 0
      ? { type: 'choice', options: [...fixed, ...booleans] }
      : inputOf(list);
  }
  const words = fixed.filter((word) => typeof word === 'string');
  return words.length > 0 ? { type: 'number-or-word', words, number: numberInput(number) } : numberInput(number);
}

function inputOf(schema: Property): FieldInput {
  if (schema.anyOf !== undefined) return alternatives(schema.anyOf.map((one) => property.parse(one)));
  if (schema.enum !== undefined) return { type: 'choice', options: schema.enum };
  if (schema.const !== undefined) return { type: 'choice', options: [schema.const] };
  if (isNumber(schema)) return numberInput(schema);
  if (schema.type === 'boolean') return { type: 'boolean' };
  if (schema.type === 'array') {
    const of = schema.items?.type;
    return { type: 'list', of: of === 'number' || of === 'integer' ? 'number' : 'text' };
  }
  return { type: 'text' };
}

/** Fields in the order of the schema, without those named in `leaveOut`. A schema without properties has none. */
export function formModel(schema: Values, leaveOut: readonly string[] = []): FormField[] {
  const properties = z.record(z.string(), property).safeParse(schema.properties ?? {});
  if (!properties.success) return [];
  return Object.entries(properties.data)
    .filter(([name]) => !leaveOut.includes(name))
    .map(([name, one]) => ({
      name,
      title: titleOf(name),
      help: one.description,
      unit: one.unit,
      default: one.default,
      group: one.group,
      input: inputOf(one),
    }));
}

/** "1 to 1000", "above 0"; empty when anything goes. */
export function rangeText({ min, max, openMin, openMax }: NumberInput): string {
  const low = min === undefined || min <= Number.MIN_SAFE_INTEGER ? '' : `${openMin ? 'above' : 'from'} ${min}`;
  const high = max === undefined || max >= 1e9 ? '' : `${openMax ? 'below' : 'to'} ${max}`;
  return [low, high].filter((part) => part !== '').join(' ');
}

/** Why a number cannot be taken, with what is accepted; null when it can. */
export function numberProblem(input: NumberInput, value: number): string | null {
  if (!Number.isFinite(value)) return 'A number is expected.';
  const { min, max, openMin, openMax, integer } = input;
  const low = min !== undefined && (openMin ? value <= min : value < min);
  const high = max !== undefined && (openMax ? value >= max : value > max);
  if (low || high) return `${value} is out of range: ${rangeText(input) || `at most ${max}`}.`;
  return integer && !Number.isInteger(value) ? `${value} is not a whole number.` : null;
}

/** A list as typed, separated by commas or spaces. Undefined when a number is expected and something else stands there. */
export function parseList(text: string, of: 'number' | 'text'): Json[] | undefined {
  const parts = text.split(/[\s,;]+/).filter((part) => part !== '');
  if (of === 'text') return parts;
  const numbers = parts.map(Number);
  return numbers.every(Number.isFinite) ? numbers : undefined;
}

const same = (a: Json | undefined, b: Json | undefined) => JSON.stringify(a) === JSON.stringify(b);

/** A value was given that is not the default. With a preset in force every given value counts. */
export function isChanged(field: FormField, values: Values, byPreset: boolean): boolean {
  const given = Object.hasOwn(values, field.name);
  return given && (byPreset || !same(values[field.name], field.default));
}

/** Values with one set, or taken back where `value` is undefined. */
export function withValue(values: Values, name: string, value: Json | undefined): Values {
  const rest = Object.fromEntries(Object.entries(values).filter(([other]) => other !== name));
  return value === undefined ? rest : { ...rest, [name]: value };
}

/** What to send: values that differ from their defaults, of fields the schema has. */
export function changedValues(fields: readonly FormField[], values: Values, byPreset = false): Record<string, Json> {
  return Object.fromEntries(
    fields.filter((field) => isChanged(field, values, byPreset)).map(({ name }) => [name, values[name]]),
  );
}

/** Name → why its value cannot be taken. */
export function formProblems(fields: readonly FormField[], values: Values): Record<string, string> {
  const problems: Record<string, string> = {};
  for (const { name, input } of fields) {
    const value = values[name];
    if (value === undefined) continue;
    const number = input.type === 'number' ? input : input.type === 'number-or-word' ? input.number : undefined;
    if (number === undefined || typeof value !== 'number') continue;
    const problem = numberProblem(number, value);
    if (problem !== null) problems[name] = problem;
  }
  return problems;
}
