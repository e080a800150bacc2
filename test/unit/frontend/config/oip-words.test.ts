import assert from 'node:assert/strict';
import { test } from 'node:test';
import { join } from 'node:path';
import { check } from '../../../../frontend/config/check.ts';
import { filesOfConfig } from '../../../../frontend/config/named-files.ts';
import { readOip, writeOip } from '../../../../frontend/config/oip-words.ts';
import { MODEL } from '../../../../frontend/config/options.ts';
import type { RawModel } from '../../../../frontend/config/options.ts';
import { plain } from '../../../../frontend/config/schema.ts';
import type { Fault } from '../../../../frontend/domain/fault.ts';
import type { OipContainer } from '../../../../frontend/domain/model.ts';
import { folderWith } from '../../../support/config-files.ts';

function read(container: object, folder = '/', dialAllow = ['127.0.0.1', '::1', 'models.example']): { container: OipContainer; faults: string[] } {
  const faults: Fault[] = [];
  const raw = (check(plain(MODEL), { name: 'm', version: 1, container }, [], faults) as RawModel).container;
  if (faults.length > 0 || typeof raw === 'string' || !('oip' in raw)) return { container: { kind: 'oip', addresses: [], model: '', maxInFlight: 0, unbatched: false }, faults: faults.map(({ path, message }) => `${path.join('.')}: ${message}`) };
  const said = readOip(raw, { model: 'm', at: ['container'], files: filesOfConfig(folder), dialAllow, faults });
  return { container: said, faults: faults.map(({ path, message }) => `${path.join('.')}: ${message}`) };
}

test('one address or several; the model goes by its own name unless told otherwise', (t) => {
  assert.deepEqual(read({ oip: 'grpc://127.0.0.1:8001' }), { container: { kind: 'oip', addresses: ['grpc://127.0.0.1:8001'], model: 'm', maxInFlight: 1, unbatched: false }, faults: [] });
  const folder = folderWith(t, { 'ca.pem': 'x' });
  const all = { oip: ['grpcs://models.example:8001', 'https://[::1]:443'], model: 'theirs', version: 3, max_in_flight: 4, unbatched: true, ca_file: 'ca.pem' };
  assert.deepEqual(read(all, folder), {
    container: { kind: 'oip', addresses: all.oip, model: 'theirs', version: '3', maxInFlight: 4, unbatched: true, caFile: join(folder, 'ca.pem') }, faults: [],
  });
});

test('written and read again it is the same', (t) => {
  const folder = folderWith(t, { 'ca.pem': 'x' });
  for (const words of [{ oip: 'http://127.0.0.1:1' }, { oip: ['grpcs://127.0.0.1:1', 'grpcs://127.0.0.1:2'], version: 'v2', ca_file: 'ca.pem', unbatched: true }]) {
    const { container } = read(words, folder);
    assert.deepEqual(read(writeOip(container), folder).container, container);
  }
});

test('hosts must be on the allow-list, and beyond this machine have TLS', () => {
  assert.deepEqual(read({ oip: ['grpcs://127.0.0.1:0', 'grpcs://elsewhere:1', 'grpc://models.example:1', 'grpcs://models.example:1'] }).faults, [
    'container.oip.0: has port 0', 'container.oip.1: "elsewhere" may not be dialled', 'container.oip.2: "models.example" is not on loopback',
  ]);
  assert.deepEqual(read({ oip: 'grpc://elsewhere:1' }).faults, ['container.oip: "elsewhere" may not be dialled']);
  assert.deepEqual(read({ oip: 'grpc://127.0.0.1:1', ca_file: 'none.pem' }).faults, ['container.ca_file: /none.pem does not exist']);
  assert.deepEqual(read({ oip: 'ftp://127.0.0.1:1' }).faults, ['container.oip: is "ftp://127.0.0.1:1"']);
});
