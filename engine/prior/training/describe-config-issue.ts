/** One finding of a schema as a person wants to read it: the field, what was expected, what was found. */
import type { z } from 'zod';

type Issue = z.core.$ZodIssue;

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

/** The innermost finding of a union, with its path from the root. */
function innermost(issue: Issue): Issue {
  if (issue.code !== 'invalid_union' || issue.errors.length === 0) return issue;
  const inner = issue.errors[0][0];
  return inner === undefined ? issue : innermost({ ...inner, path: [...issue.path, ...inner.path] });
}

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'too_small':
      return `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${sized(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${sized(issue.origin)}`;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      // A discriminated union knows no option of that name.
      return 'options' in issue && Array.isArray(issue.options) ? issue.options.join(' or ') : issue.message;
    default:
      return issue.message.replace(/^expected /i, '');
  }
}

function sized(origin: string): string {
  return origin === 'array' ? ' entries' : origin === 'string' ? ' characters' : '';
}

/** Field as a dotted path, "(root)" for the whole file, and a message "expected …, found …". */
export function describeConfigIssue(outer: Issue, root: unknown): { field: string; message: string } {
  const issue = innermost(outer);
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys')
    return { field: [...path, issue.keys[0]].join('.'), message: 'there is no such field' };
  const found = shown(valueAt(root, issue.path));
  return { field: path.join('.') || '(root)', message: `expected ${expectation(issue)}, found ${found}` };
}
