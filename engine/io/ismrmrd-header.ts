/**
 * The XML header of ISMRMRD (namespace http://www.ismrm.org/ISMRMRD), which fastMRI files carry too. Only the elements
 * the importers use are kept; everything about the patient is dropped here. Document types and entities are refused.
 */
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';
import { EngineError } from '../errors.ts';

const MAX_HEADER_CHARACTERS = 1 << 24;
/** Larger matrices do not exist; arrays of that size are checked again by their product. */
const MAX_MATRIX = 65_536;

const size = z.coerce.number().int().min(1).max(MAX_MATRIX);
const length = z.coerce.number().min(0);
const index = z.coerce.number().int().min(0).max(MAX_MATRIX);

const space = z.object({
  matrixSize: z.object({ x: size, y: size, z: size }),
  fieldOfView_mm: z.object({ x: length, y: length, z: length }),
});
const limit = z.object({ minimum: index, maximum: index, center: index }).optional();

const encoding = z.object({
  encodedSpace: space,
  reconSpace: space,
  encodingLimits: z
    .object({ kspace_encoding_step_0: limit, kspace_encoding_step_1: limit, kspace_encoding_step_2: limit })
    .or(z.literal(''))
    .optional()
    .transform((limits) => (limits === '' || limits === undefined ? {} : limits)),
  trajectory: z.string().default('cartesian'),
  parallelImaging: z
    .object({
      accelerationFactor: z
        .object({ kspace_encoding_step_1: z.coerce.number(), kspace_encoding_step_2: z.coerce.number() })
        .optional(),
      calibrationMode: z.string().optional(),
    })
    .optional(),
});

const header = z.object({
  encoding: z.array(encoding).min(1),
  acquisitionSystemInformation: z
    .object({
      systemVendor: z.string().optional(),
      receiverChannels: z.coerce.number().optional(),
      relativeReceiverNoiseBandwidth: z.coerce.number().positive().max(10).optional(),
    })
    .optional()
    .catch(undefined),
});

export type IsmrmrdHeader = z.output<typeof header>;
export type IsmrmrdEncoding = IsmrmrdHeader['encoding'][number];

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  processEntities: false,
  isArray: (name) => name === 'encoding',
});

export function parseIsmrmrdHeader(xml: string, path?: string): IsmrmrdHeader {
  const where = path === undefined ? {} : { path };
  const fail = (what: string, cause?: unknown): EngineError =>
    new EngineError('bad-input', `the ISMRMRD header ${what}`, { ...where, cause });
  if (xml.length > MAX_HEADER_CHARACTERS) throw fail(`has ${xml.length} characters`);
  const text = xml.replace(/\0+$/, '');
  // Entity definitions can expand without bound or read other files; this format has no use for them.
  if (/<!(DOCTYPE|ENTITY)/i.test(text)) throw new EngineError('untrusted', 'the XML header defines entities', where);
  const valid = XMLValidator.validate(text);
  if (valid !== true) throw fail(`is not well-formed XML (line ${valid.err.line}: ${valid.err.msg})`);
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch (cause) {
    throw fail('cannot be parsed', cause);
  }
  const root = z.object({ ismrmrdHeader: z.unknown() }).safeParse(document);
  if (!root.success || root.data.ismrmrdHeader === undefined) throw fail('has no element "ismrmrdHeader"');
  const result = header.safeParse(root.data.ismrmrdHeader);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw fail(`is incomplete at ${issue.path.join('.') || 'its root'}: ${issue.message}`);
  }
  return result.data;
}
