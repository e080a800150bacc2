import { parseCredit } from '../../../protos/parse-headers.ts';
import { FRAME, WIRE_VERSION } from '../../../protos/wire.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Check } from './check.ts';
import { expect } from './failed.ts';
import { isOurToken, MODEL, type Started, type Trial, VERSION } from './trial.ts';

const HEARTBEAT_MS = 20;
const HEARTBEATS = 3;

async function hello(trial: Trial): Promise<undefined> {
  const started = await trial.start();
  const { worker, hello: said } = await trial.greeted(started);
  expect(said.wire === WIRE_VERSION, `wire ${WIRE_VERSION}`, `wire ${said.wire}`);
  expect(said.role === 'worker', 'a first connection with role worker', `role ${said.role}`);
  expect(said.model === MODEL && said.version === VERSION, `TRADEWIND_MODEL and TRADEWIND_VERSION, ${MODEL}@${VERSION}`, `${said.model}@${said.version}`);
  expect(isOurToken(said.token), 'the token that descriptor TRADEWIND_TOKEN_FD holds, to its end', said.token === undefined ? 'no token' : `another text of ${said.token.length} characters`);
  expect(said.inputs !== undefined || trial.options.env['TRADEWIND_INPUT'] !== undefined, 'inputs in the hello, or a declaration of them (--input)', 'neither');
  expect(worker.count(FRAME.credit) === 0, 'no credit before the welcome', 'one');
  await started.kill();
  return undefined;
}

async function watchdog(trial: Trial): Promise<undefined> {
  const { started, hello: { pid } } = await trial.serve({ byHand: true });
  const link = await trial.within(started, 'a second connection, of the watchdog', started.accept());
  const said = await trial.within(started, 'the hello of the watchdog', link.hello());
  expect(said.role === 'watchdog', 'a second connection with role watchdog', `role ${said.role}`);
  expect(said.pid === pid && said.model === MODEL && said.version === VERSION && isOurToken(said.token), 'the pid, model, version and token of the worker in the hello of the watchdog', `pid ${said.pid} for ${pid}, ${said.model}@${said.version}, ${isOurToken(said.token) ? 'the' : 'another'} token`);
  link.welcome(HEARTBEAT_MS);
  for (let beat = 1; beat <= HEARTBEATS; beat++) await trial.within(started, `heartbeat ${beat} after ${HEARTBEAT_MS} ms`, link.next(FRAME.heartbeat));
  await started.kill();
  return undefined;
}

async function unwelcome(trial: Trial): Promise<undefined> {
  const started = await trial.start();
  const { worker } = await trial.greeted(started);
  worker.control(FRAME.goodbye, { code: 'wrong_model', message: 'it was to be another' });
  worker.destroy();
  await trial.fails(started, 'after a goodbye in place of the welcome');
  return undefined;
}

async function noBroker(trial: Trial): Promise<undefined> {
  const started = await trial.start({ TRADEWIND_CONNECT: 'unix:/nonexistent/tradewind.sock' });
  await trial.fails(started, 'where there is no broker', trial.options.startMs);
  expect(started.words() !== '', 'a line on standard error that says why it cannot serve', 'nothing');
  return undefined;
}

async function silence(trial: Trial): Promise<undefined> {
  const { silenceMs, limitMs } = trial.options;
  const started = await trial.start();
  await trial.greeted(started);
  await trial.fails(started, `where the broker says nothing for ${silenceMs / 1000} s`, silenceMs + limitMs);
  return undefined;
}

async function redial(trial: Trial): Promise<undefined> {
  const { started, worker, hello: { pid } } = await trial.serve({ env: { TRADEWIND_OWNED: '0' }, byHand: true });
  const accepted = await trial.within(started, 'the connection of the watchdog', started.accept());
  await trial.within(started, 'the hello of the watchdog', accepted.hello());
  worker.destroy();
  accepted.destroy();
  const again = await trial.within(started, 'another connection of a worker, since nobody owns it', nextWorker(started));
  expect(again.pid === pid, `the same process to dial again, ${pid}`, `${again.pid}`);
  again.link.welcome();
  parseCredit((await trial.within(started, 'credits on the new connection', again.link.next(FRAME.credit))).header);
  await started.kill();
  return undefined;
}

/** A watchdog may have dialled once more in between. */
async function nextWorker(started: Started): Promise<{ link: BrokerLink; pid: number }> {
  for (;;) {
    const link = await started.accept();
    const { role, pid } = await link.hello();
    if (role === 'worker') return { link, pid };
  }
}

export const GREETING_CHECKS: readonly Check[] = [
  { name: 'hello', promise: 'says hello first: its model, version, token and signature', run: hello },
  { name: 'watchdog', promise: 'sends heartbeats on a second connection', run: watchdog },
];

export const LONELY_CHECKS: readonly Check[] = [
  { name: 'unwelcome', promise: 'ends, with a code that is not 0, where it is not welcome', run: unwelcome },
  { name: 'no-broker', promise: 'ends, and says why, where there is no broker', run: noBroker },
  { name: 'redial', promise: 'dials again where nobody owns it and the connection ended', run: redial },
  { name: 'silence', promise: 'does not wait for ever on a broker that says nothing', run: silence },
];
