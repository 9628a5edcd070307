/** Why a name cannot be a prior's; null when it can. */
export function nameProblem(name: string): string | null {
  if (name === '') return 'A name is needed.';
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name)
    ? null
    : 'Small letters, digits and hyphens, at most 64, not beginning with a hyphen.';
}
