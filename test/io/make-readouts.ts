/** ISMRMRD readouts and headers made by hand, for tests of the rules that turn them into k-space. */
import type { Readout, ReadoutHead } from '../../engine/io/ismrmrd-head.ts';
import { type IsmrmrdHeader, parseIsmrmrdHeader } from '../../engine/io/ismrmrd-header.ts';

export interface HeaderOptions {
  encoded: [x: number, y: number, z: number];
  recon?: [x: number, y: number, z: number];
  encodedFov?: [x: number, y: number, z: number];
  reconFov?: [x: number, y: number, z: number];
  /** Centre and maximum of step_1 and step_2. */
  step1?: [center: number, maximum: number];
  step2?: [center: number, maximum: number];
  trajectory?: string;
  relativeBandwidth?: number;
}

const triple = (name: string, [x, y, z]: readonly number[]): string =>
  `<${name}><x>${x}</x><y>${y}</y><z>${z}</z></${name}>`;

const limit = (name: string, at: [number, number] | undefined): string =>
  at === undefined ? '' : `<${name}><minimum>0</minimum><maximum>${at[1]}</maximum><center>${at[0]}</center></${name}>`;

export function headerXml(options: HeaderOptions): string {
  const { encoded, recon = encoded, trajectory = 'cartesian', relativeBandwidth } = options;
  const reconFov = options.reconFov ?? [recon[0], recon[1], recon[2]];
  const encodedFov = options.encodedFov ?? encoded.map((n, i) => (reconFov[i] * n) / recon[i]);
  const space = (name: string, matrix: readonly number[], fov: readonly number[]): string =>
    `<${name}>${triple('matrixSize', matrix)}${triple('fieldOfView_mm', fov)}</${name}>`;
  return `<?xml version="1.0"?>
<ismrmrdHeader xmlns="http://www.ismrm.org/ISMRMRD">
<subjectInformation><patientName>Nobody</patientName></subjectInformation>
<acquisitionSystemInformation><systemVendor>Test &amp; Co</systemVendor>${
    relativeBandwidth === undefined
      ? ''
      : `<relativeReceiverNoiseBandwidth>${relativeBandwidth}</relativeReceiverNoiseBandwidth>`
  }</acquisitionSystemInformation>
<encoding>${space('encodedSpace', encoded, encodedFov)}${space('reconSpace', recon, reconFov)}
<encodingLimits>${limit('kspace_encoding_step_1', options.step1)}${limit('kspace_encoding_step_2', options.step2)}</encodingLimits>
<trajectory>${trajectory}</trajectory></encoding></ismrmrdHeader>`;
}

export function makeHeader(options: HeaderOptions): IsmrmrdHeader {
  return parseIsmrmrdHeader(headerXml(options));
}

/** Flag k set: bit 1 << (k − 1). */
export function flags(...set: number[]): number {
  return set.reduce((bits, k) => (bits | (1 << (k - 1))) >>> 0, 0);
}

export function makeHead(overrides: Partial<ReadoutHead> = {}): ReadoutHead {
  const samples = overrides.numberOfSamples ?? 8;
  return {
    flags: 0,
    numberOfSamples: samples,
    activeChannels: 1,
    discardPre: 0,
    discardPost: 0,
    centerSample: Math.floor(samples / 2),
    encodingSpaceRef: 0,
    sampleTimeUs: 5,
    position: [0, 0, 0],
    readDir: [0, 0, 0],
    phaseDir: [0, 0, 0],
    sliceDir: [0, 0, 0],
    step1: 0,
    step2: 0,
    slice: 0,
    contrast: 0,
    phase: 0,
    repetition: 0,
    set: 0,
    ...overrides,
  };
}

/** A readout whose sample i of channel c is value(c, i) = [re, im]. */
export function makeReadout(
  overrides: Partial<ReadoutHead>,
  value: (channel: number, sample: number) => [number, number],
): Readout {
  const head = makeHead(overrides);
  const { numberOfSamples: n, activeChannels } = head;
  const data = new Float32Array(2 * n * activeChannels);
  for (let c = 0; c < activeChannels; c++) for (let i = 0; i < n; i++) data.set(value(c, i), 2 * (c * n + i));
  return { head, data };
}
