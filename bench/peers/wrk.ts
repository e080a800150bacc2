import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What wrk says of one run. */
export interface WrkReport {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly p50Micros: number;
  readonly p99Micros: number;
}

/** Posts these bodies in turn, closed loop. Throws where an answer is no 2xx or a connection fails. */
export async function runWrk(url: string, bodies: readonly string[], { connections, seconds }: { readonly connections: number; readonly seconds: number }): Promise<WrkReport> {
  const folder = mkdtempSync(join(tmpdir(), 'wrk-'));
  try {
    const script = join(folder, 'post.lua');
    writeFileSync(script, luaOf(bodies));
    const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', script, url]);
    const said = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{') + 1)) as { requests: number; micros: number; faults: number; p50: number; p99: number };
    if (said.faults > 0 || said.requests === 0) throw new Error(`${said.faults} faults among ${said.requests} requests to ${url}\n${stdout}`);
    return { requests: said.requests, requestsPerSecond: (said.requests / said.micros) * 1e6, p50Micros: said.p50, p99Micros: said.p99 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The requests are written out once: what the generator spends on each is taken from the server on the same cores. */
function luaOf(bodies: readonly string[]): string {
  return `local bodies = { ${bodies.map((body) => `[=[${body}]=]`).join(', ')} }
local requests = {}
local at = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
init = function()
  for i, body in ipairs(bodies) do requests[i] = wrk.format(nil, nil, nil, body) end
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('\\n{"requests":%d,"micros":%d,"faults":%d,"p50":%d,"p99":%d}\\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
`;
}
