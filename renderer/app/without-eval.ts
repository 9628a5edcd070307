/**
 * Imported before everything else: schemas try once, while they are made, whether functions can be made from strings,
 * and the content policy reports the try.
 */
import { z } from 'zod';

z.config({ jitless: true });
