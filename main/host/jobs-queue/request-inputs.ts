/** What a request reads: items of the library, and files behind handles. */
import { EngineError } from '../../../engine/errors.ts';
import type { JobRequest } from '../api/job.ts';
import type { FileAccess, Library } from '../services.ts';

export function itemsOf(request: JobRequest): string[] {
  if (request.kind === 'solve') return Object.values(request.inputs).map(({ item }) => item);
  const own = 'item' in request && request.item !== undefined ? [request.item] : [];
  return request.kind === 'reconstruct' && request.reference !== undefined ? [...own, request.reference] : own;
}

function handlesOf(request: JobRequest): string[] {
  switch (request.kind) {
    case 'solve':
      return Object.values(request.files);
    case 'batch':
      return request.out === undefined ? [request.folder] : [request.folder, request.out];
    case 'export':
      return request.to === undefined ? [] : [request.to];
    case 'prior-import':
      return [request.file];
    case 'prior-train':
      return [request.data];
    default:
      return [];
  }
}

/** Throws `not-found` when something the request reads is not open, as after a restart. */
export function checkOpen(request: JobRequest, library: Library, files: FileAccess): void {
  const open = new Set(library.list('').map(({ id }) => id));
  const hint = 'Open it again, then resume.';
  if (!itemsOf(request).every((item) => open.has(item)))
    throw new EngineError('not-found', 'what this job reads is not open', { hint });
  for (const handle of handlesOf(request))
    try {
      files.pathOf(handle);
    } catch (cause) {
      throw new EngineError('not-found', 'a folder or file of this job is not open', { hint, cause });
    }
}
