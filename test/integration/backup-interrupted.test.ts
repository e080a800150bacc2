import assert from 'node:assert/strict';
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { controlSocketPath } from '../../frontend/http/admin/socket.ts';
import { folderWith } from '../support/config-files.ts';
import { tradewind } from '../support/tradewind-command.ts';

for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  test(`a backup that gets ${signal} leaves no copy of the state behind`, async (t) => {
    const cwd = folderWith(t);
    mkdirSync(join(cwd, 'state', 'control'), { recursive: true });
    mkdirSync(join(cwd, 'kept'));
    // A broker that is asked for its copies, and takes its time.
    let asked = (): void => undefined;
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const broker = createServer(() => asked());
    await new Promise<void>((resolve) => broker.listen(controlSocketPath(join(cwd, 'state')), resolve));
    t.after(() => {
      broker.closeAllConnections();
      broker.close();
    });
    const { child, ended } = tradewind(['backup', 'kept/b.tar', '--state-dir', 'state'], { cwd });
    await isAsked;
    assert.equal(readdirSync(join(cwd, 'kept')).length, 1, 'it has begun');
    child.kill(signal);
    assert.equal((await ended).code, code);
    assert.deepEqual(readdirSync(join(cwd, 'kept')), []);
  });
}
