/** Heads of ISMRMRD readouts, decoded by member name, never by a fixed offset (files may be packed or not). */
import { EngineError } from '../errors.ts';
import type { Hdf5Type } from './hdf5-messages.ts';
import { isReal, readNumber } from './hdf5-numbers.ts';

export interface ReadoutIndex {
  step1: number;
  step2: number;
  slice: number;
  contrast: number;
  phase: number;
  repetition: number;
  set: number;
}

export interface ReadoutHead extends ReadoutIndex {
  /** The low 32 flags: flag k is bit 1 << (k − 1). */
  flags: number;
  numberOfSamples: number;
  activeChannels: number;
  discardPre: number;
  discardPost: number;
  centerSample: number;
  encodingSpaceRef: number;
  sampleTimeUs: number;
  position: [number, number, number];
  readDir: [number, number, number];
  phaseDir: [number, number, number];
  sliceDir: [number, number, number];
}

/** One readout: interleaved re, im of channel 0's samples, then channel 1's, … */
export interface Readout {
  head: ReadoutHead;
  data: Float32Array;
}

export const FLAGS = {
  noise: 19,
  calibration: 20,
  calibrationAndImaging: 21,
  reverse: 22,
  navigation: 23,
  phaseCorrection: 24,
  hpFeedback: 26,
  dummy: 27,
  rtFeedback: 28,
  surfaceCoilCorrection: 29,
  phaseStabilisationReference: 30,
  phaseStabilisation: 31,
} as const;

export function hasFlag(head: ReadoutHead, flag: number): boolean {
  return ((head.flags >>> (flag - 1)) & 1) === 1;
}

/** Builds the decoder for one file: record bytes and the record's start → head. */
export function headDecoder(record: Hdf5Type, path: string): (view: DataView, at: number) => ReadoutHead {
  const place = (names: string[]): { offset: number; type: Hdf5Type } => {
    let type = record;
    let offset = 0;
    for (const name of names) {
      const member = type.members?.find((candidate) => candidate.name === name);
      if (member === undefined)
        throw new EngineError('bad-input', `readouts have no member "${names.join('.')}"`, { path });
      offset += member.offset;
      type = member.type;
    }
    return { offset, type };
  };
  const scalar = (...names: string[]): ((view: DataView, at: number) => number) => {
    const { offset, type } = place(['head', ...names]);
    if (!isReal(type)) throw new EngineError('bad-input', `member "${names.join('.')}" is no number`, { path });
    return (view, at) => readNumber(type, view, at + offset);
  };
  const vector = (name: string): ((view: DataView, at: number) => [number, number, number]) => {
    const { offset, type } = place(['head', name]);
    const base = type.base;
    if (type.class !== 'array' || base === undefined || !isReal(base) || type.bytes < 3 * base.bytes)
      throw new EngineError('bad-input', `member "${name}" is no array of three numbers`, { path });
    return (view, at) =>
      [0, 1, 2].map((i) => readNumber(base, view, at + offset + i * base.bytes)) as [number, number, number];
  };
  const flagsAt = place(['head', 'flags']);
  const read = {
    numberOfSamples: scalar('number_of_samples'),
    activeChannels: scalar('active_channels'),
    discardPre: scalar('discard_pre'),
    discardPost: scalar('discard_post'),
    centerSample: scalar('center_sample'),
    encodingSpaceRef: scalar('encoding_space_ref'),
    sampleTimeUs: scalar('sample_time_us'),
    step1: scalar('idx', 'kspace_encode_step_1'),
    step2: scalar('idx', 'kspace_encode_step_2'),
    slice: scalar('idx', 'slice'),
    contrast: scalar('idx', 'contrast'),
    phase: scalar('idx', 'phase'),
    repetition: scalar('idx', 'repetition'),
    set: scalar('idx', 'set'),
  };
  const vectors = {
    position: vector('position'),
    readDir: vector('read_dir'),
    phaseDir: vector('phase_dir'),
    sliceDir: vector('slice_dir'),
  };
  if (flagsAt.type.bytes !== 8) throw new EngineError('bad-input', 'member "flags" is not of 64 bits', { path });
  // Read as two halves: the flags used here are in the low one, and 64 bits do not fit a number.
  const low = flagsAt.offset + (flagsAt.type.littleEndian ? 0 : 4);
  return (view, at) => ({
    flags: view.getUint32(at + low, flagsAt.type.littleEndian),
    numberOfSamples: read.numberOfSamples(view, at),
    activeChannels: read.activeChannels(view, at),
    discardPre: read.discardPre(view, at),
    discardPost: read.discardPost(view, at),
    centerSample: read.centerSample(view, at),
    encodingSpaceRef: read.encodingSpaceRef(view, at),
    sampleTimeUs: read.sampleTimeUs(view, at),
    step1: read.step1(view, at),
    step2: read.step2(view, at),
    slice: read.slice(view, at),
    contrast: read.contrast(view, at),
    phase: read.phase(view, at),
    repetition: read.repetition(view, at),
    set: read.set(view, at),
    position: vectors.position(view, at),
    readDir: vectors.readDir(view, at),
    phaseDir: vectors.phaseDir(view, at),
    sliceDir: vectors.sliceDir(view, at),
  });
}
