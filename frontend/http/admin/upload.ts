import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Settings } from '../../config/settings.ts';
import { BrokerError } from '../../domain/errors.ts';
import type { RouteEntry } from '../route-table.ts';
import { ARCHIVE_TYPE } from './access.ts';
import { actRoute } from './change-route.ts';
import { actEntry } from './entries.ts';
import { name, versionNumber } from './path-words.ts';
import { ArchiveFault } from './upload-archive.ts';
import { placeArchive, TooLarge } from './upload-place.ts';

const PATH = '/admin/models/{model}/versions/{version}/files';
const MAX_FILES = 10_000;
const BYTES_PER_MB = 1_048_576;
/** Each writes to the same disk, and holds a connection for as long. */
const MAX_UPLOADS = 4;

const UPLOADED = Type.Object({
  path: Type.String({ description: 'The folder that holds them now: for `path` of the version.' }), files: Type.Integer(), bytes: Type.Integer(),
});
const { body: _, ...UPLOAD } = actEntry({ method: 'PUT', path: PATH, operationId: 'uploadFiles', summary: 'Places the files of a tar archive below the deploy root, for a version that is put next.', schema: UPLOADED, errors: ['code_not_allowed', 'unsupported_media_type', 'body_too_large', 'overloaded', 'not_saved'] });

export const UPLOAD_ROUTES: readonly RouteEntry[] = Object.freeze([
  { ...UPLOAD, body: { required: true, content: [{ mediaType: ARCHIVE_TYPE, schema: Type.Unsafe<Uint8Array>({ type: 'string', format: 'binary' }) }] } },
]);

/** Registers the way in for code and model files: only with `admin.allow_code`, below `admin.deploy_root`, and bounded. */
export function uploadRoutes(fastify: FastifyInstance, deps: Parameters<typeof actRoute>[1] & { readonly settings: Pick<Settings, 'admin'> }): void {
  const { allowCode, deployRoot, maxUploadMb } = deps.settings.admin;
  const limits = { maxBytes: maxUploadMb * BYTES_PER_MB, maxFiles: MAX_FILES };
  let open = 0;
  // In a scope of its own: no other route takes an archive.
  void fastify.register(async (scope) => {
    // Where the rest of a refused archive is too much to read, it must not be taken for the next request.
    scope.addHook('onSend', (_request, reply, payload, done) => {
      if (reply.statusCode !== 200) reply.header('connection', 'close');
      done(null, payload);
    });
    scope.addContentTypeParser(ARCHIVE_TYPE, (_request, payload, done) => done(null, payload));
    actRoute(scope, deps)('PUT', '/admin/models/:model/versions/:version/files', [], async ({ params, body }) => {
      if (!allowCode || deployRoot === undefined) throw new BrokerError('code_not_allowed');
      const at = [name(params.model), String(versionNumber(params.version))] as const;
      if (!isStream(body)) throw new BrokerError('unsupported_media_type', `Files are taken as ${ARCHIVE_TYPE}.`);
      if (open >= MAX_UPLOADS) throw new BrokerError('overloaded', `${MAX_UPLOADS} uploads are under way.`);
      open++;
      const pieces = body[Symbol.asyncIterator]();
      try {
        const { folder, files, bytes } = await placeArchive({ [Symbol.asyncIterator]: () => ({ next: () => pieces.next() }) }, { root: deployRoot, at, limits, nowMs: Date.now() });
        return { answer: { path: folder, files, bytes }, detail: { path: folder, files, bytes } };
      } catch (error) {
        await passOver(pieces, limits.maxBytes);
        if (error instanceof ArchiveFault) throw new BrokerError('invalid_field', `The archive is not taken: ${error.message}.`, { cause: error });
        if ((error as NodeJS.ErrnoException).code === 'ENOSPC') throw new BrokerError('not_saved', 'The files could not be saved, and none is kept: the disk is full.', { cause: error });
        if (error instanceof TooLarge) throw new BrokerError('body_too_large', `The archive holds ${error.message}.`, { cause: error });
        throw error;
      } finally {
        open--;
      }
    });
  });
}

/** Reads the rest of what is refused, so that the answer is heard and the connection can be used again. */
async function passOver(pieces: AsyncIterator<Uint8Array>, maxBytes: number): Promise<void> {
  let bytes = 0;
  try {
    for (let piece = await pieces.next(); piece.done !== true && bytes < maxBytes; piece = await pieces.next()) bytes += piece.value.length;
  } catch {
    // Who sends it is gone.
  }
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}
