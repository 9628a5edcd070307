import { describe, expect, it } from 'vitest';
import { waiting } from '../../engine/prior/session.ts';

describe('pool threads', () => {
  it('spin only where cores are to spare', () => {
    expect(waiting(2, 8, 1)).toMatchObject({ intra_op: { allow_spinning: '1' }, force_spinning_stop: '1' });
    expect(waiting(2, 2, 0.2)).toMatchObject({ intra_op: { allow_spinning: '1' } });
    expect(waiting(2, 2, 1)).toEqual({ intra_op: { allow_spinning: '0' } });
    expect(waiting(4, 2, 0)).toEqual({ intra_op: { allow_spinning: '0' } });
    expect(waiting(1, 8, 0)).toEqual({ intra_op: { allow_spinning: '0' } });
  });
});
