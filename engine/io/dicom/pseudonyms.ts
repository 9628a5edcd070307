/**
 * What stands in for identity: keyed, so that equal originals get equal substitutes inside one job and nobody without
 * the key can link or undo them (HMAC-SHA256, RFC 2104). The key is random and forgotten with the object.
 */
import { createHmac, randomBytes } from 'node:crypto';

export interface Pseudonyms {
  /** "2.25." + decimal of a UUID (version 8, RFC 9562) made of the HMAC. Empty stays empty. */
  uid(original: string): string;
  /** "ANON-" and ten characters, the same for all files of a patient. */
  patient(id: string): string;
  /** Days to add to every date of a patient: −365 … −3650. `attempt` gives another one. */
  dayOffset(patient: string, attempt: number): number;
}

/** Substitutes under `key`; without one, under 32 random bytes that are kept nowhere else. */
export function pseudonyms(key: Uint8Array = randomBytes(32)): Pseudonyms {
  const digest = (purpose: string, text: string): Buffer =>
    createHmac('sha256', key).update(`${purpose}\0${text}`, 'latin1').digest();
  return {
    uid: (original) => {
      if (original === '') return '';
      const bytes = digest('uid', original);
      bytes[6] = (bytes[6] & 0x0f) | 0x80;
      bytes[8] = (bytes[8] & 0x3f) | 0x80;
      return `2.25.${BigInt(`0x${bytes.toString('hex', 0, 16)}`)}`;
    },
    patient: (id) => `ANON-${digest('patient', id).toString('hex', 0, 5).toUpperCase()}`,
    dayOffset: (patient, attempt) => -365 - (digest(`days ${attempt}`, patient).readUInt32LE(0) % 3286),
  };
}
