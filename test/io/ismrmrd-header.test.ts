import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/errors.ts';
import { parseIsmrmrdHeader } from '../../engine/io/ismrmrd-header.ts';
import { engineErrorOf } from './engine-error-of.ts';
import { headerXml } from './make-readouts.ts';
import { mutate, mutations } from './mutations.ts';

const xml = headerXml({ encoded: [640, 368, 1], recon: [320, 320, 1], step1: [160, 319], relativeBandwidth: 0.793 });

describe('the XML header', () => {
  test('the values the importers use, and nothing about the patient', () => {
    const header = parseIsmrmrdHeader(xml);
    expect(header.encoding[0].encodedSpace.matrixSize).toEqual({ x: 640, y: 368, z: 1 });
    expect(header.encoding[0].encodingLimits.kspace_encoding_step_1).toEqual({ minimum: 0, maximum: 319, center: 160 });
    expect(header.acquisitionSystemInformation?.relativeReceiverNoiseBandwidth).toBe(0.793);
    expect(JSON.stringify(header)).not.toContain('Nobody');
  });

  test('a namespace prefix, a closing NUL and several encodings are accepted', () => {
    const prefixed = xml.replace(/<(\/?)([a-zA-Z])/g, '<$1m:$2').replace('xmlns=', 'xmlns:m=');
    expect(parseIsmrmrdHeader(`${prefixed}\0`)).toEqual(parseIsmrmrdHeader(xml));
    const twice = xml.replace(/(<encoding>[\s\S]*<\/encoding>)/, '$1$1');
    expect(parseIsmrmrdHeader(twice).encoding).toHaveLength(2);
  });

  test('empty encoding limits are no limits', () => {
    expect(parseIsmrmrdHeader(headerXml({ encoded: [4, 4, 1] })).encoding[0].encodingLimits).toEqual({});
  });

  test('entity definitions are refused, never expanded', () => {
    const bomb = xml.replace('?>', '?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>');
    expect(engineErrorOf(() => parseIsmrmrdHeader(bomb)).code).toBe('untrusted');
  });

  test.each([
    ['nothing', ''],
    ['an unclosed element', xml.replace('</encoding>', '')],
    ['another document', '<?xml version="1.0"?><svg/>'],
    ['no encoding', xml.replace(/<encoding>[\s\S]*<\/encoding>/, '')],
    ['a matrix of zero', xml.replace('<x>640</x>', '<x>0</x>')],
    ['a matrix of 10^9', xml.replace('<x>640</x>', '<x>1000000000</x>')],
    ['a matrix that is a word', xml.replace('<x>640</x>', '<x>many</x>')],
    ['a missing matrix', xml.replace('<x>640</x>', '')],
  ])('%s is refused', (_, text) => {
    expect(engineErrorOf(() => parseIsmrmrdHeader(text, 'scan.h5:xml')).code).toBe('bad-input');
  });

  test('damage gives a header or an EngineError', () => {
    const bytes = new TextEncoder().encode(xml);
    fc.assert(
      fc.property(mutations, (steps) => {
        try {
          expect(parseIsmrmrdHeader(new TextDecoder().decode(mutate(bytes, steps))).encoding.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 300 },
    );
  });
});
