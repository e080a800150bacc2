import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { resolve } from 'node:path';
import { isUnchanged } from '../control/desired-diff.ts';
import type { DesiredDiff } from '../control/desired-diff.ts';
import { controlSocketPath } from '../http/admin/socket.ts';
import type { ApplyRequest } from '../http/admin/socket.ts';
import { readConfigFile, readConfigText } from '../lifecycle/desired-file.ts';
import type { FileResult, Surroundings } from '../lifecycle/desired-file.ts';
import { Stop, faultList } from './stop.ts';

export interface ApplyOptions extends Surroundings {
  readonly file: string;
  readonly dryRun: boolean;
  readonly print: (text: string) => void;
}

/** Has the running broker take the file; nothing changes where anything is wrong. */
export async function apply({ file, dryRun, print, ...surroundings }: ApplyOptions): Promise<void> {
  const content = readContent(file, surroundings);
  const read = readConfigText(content, file, surroundings);
  if (!read.ok) throw new Stop(faultList(read.faults));
  const { stateDir } = read.config.settings;
  const result = await send(stateDir, { path: resolve(surroundings.workingFolder, file), content, dryRun });
  if (!result.ok) throw new Stop(faultList(result.faults));
  print(diffText(result.changed.diff, dryRun));
  for (const setting of result.atNextStart) print(`${setting} differs from what the broker runs with: it counts from the next start.`);
}

function readContent(file: string, surroundings: Surroundings): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    const read = readConfigFile(file, surroundings);
    throw new Stop(read.ok ? `${file}: ${(thrown as Error).message}` : read.faults.join('\n'));
  }
}

function send(stateDir: string, body: ApplyRequest): Promise<FileResult> {
  return new Promise((resolveReply, reject) => {
    const call = request({ socketPath: controlSocketPath(stateDir), method: 'POST', path: '/apply', headers: { 'content-type': 'application/json' } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('error', reject).on('end', () => {
        if (response.statusCode === 200) resolveReply(JSON.parse(text) as FileResult);
        else reject(new Stop(`the broker did not take the file: ${text}`));
      });
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      const absent = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(new Stop(absent ? `no broker runs with state_dir ${stateDir}: start one with \`tradewind serve\`.` : `the broker with state_dir ${stateDir} cannot be reached: ${error.message}`));
    });
    call.end(JSON.stringify(body));
  });
}

const SIGNS = [['+', 'added'], ['~', 'changed'], ['-', 'removed']] as const;

/** One line for each name: `+ model digits@2`. */
export function diffText(diff: DesiredDiff, dryRun: boolean): string {
  if (isUnchanged(diff)) return 'Nothing changes.';
  const kinds = [['model', diff.models], ['label', diff.labels], ['app', diff.apps]] as const;
  const lines = kinds.flatMap(([kind, changes]) => SIGNS.flatMap(([sign, key]) => changes[key].map((name) => `${sign} ${kind} ${name}`)));
  return [dryRun ? 'Would change:' : 'Changed:', ...lines].join('\n');
}
