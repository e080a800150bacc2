import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { parseGoodbye, parseWelcome } from '../../protos/parse-headers.ts';
import type { Hello } from '../../protos/wire.ts';
import { controlFrame, FRAME } from '../../protos/wire.ts';
import type { Address } from './address.ts';
import { formatAddress } from './address.ts';
import type { Link, LinkEvents } from './link.ts';
import { dial, listen } from './link.ts';
import type { WatchdogOrder, WatchdogReport, WatchdogStart } from './watchdog-message.ts';

// The watchdog thread; see watchdog.ts.

const PARENT_CHECK_MS = 200;
/** How long a container that is leaving may take for it once its broker has hung up. */
const LEAVE_MS = 5000;
const REDIAL_MS = 500;
const MAX_LINKS = 64;

const start = workerData as WatchdogStart;
const leaving = new Int32Array(start.leaving);
const watched = new Set<string>();
const HEARTBEAT = controlFrame(FRAME.heartbeat);

if (start.owned) {
  setInterval(() => {
    if (process.ppid !== start.parentPid) kill('the process that started this container is gone');
  }, PARENT_CHECK_MS);
}

parentPort?.on('message', (order: WatchdogOrder) => {
  switch (order.kind) {
    case 'watch':
      watched.add(formatAddress(order.address));
      dial(order.address, heartbeats(order.hello, (why) => dialled(order.address, order.hello, why)));
      break;
    case 'forget':
      watched.delete(formatAddress(order.address));
      break;
    case 'listen':
      void listenAt(order.address, order.hello);
      break;
  }
});

/** Says hello, waits for the welcome, then sends heartbeats as often as it asks for until the connection ends. */
function heartbeats(hello: Hello, ended: (why: string) => void): LinkEvents {
  let link: Link | undefined;
  let timer: NodeJS.Timeout | undefined;
  let reason: string | undefined;
  const close = (why: string): void => {
    reason ??= why;
    link?.end();
  };
  return {
    opened: (opened) => {
      link = opened;
      opened.send(controlFrame(FRAME.hello, hello));
    },
    frame: (frame) => {
      if (frame.kind === FRAME.welcome && timer === undefined) {
        const { heartbeat_ms } = parseWelcome(frame.header);
        link?.send(HEARTBEAT);
        timer = setInterval(() => link?.send(HEARTBEAT), heartbeat_ms);
      } else if (frame.kind === FRAME.goodbye) {
        const { code, message } = parseGoodbye(frame.header);
        close(`the broker said goodbye (${code}: ${message})`);
      }
    },
    malformed: (error) => close(error.message),
    closed: (why) => {
      clearInterval(timer);
      ended(reason ?? why);
    },
  };
}

async function listenAt(address: Address, hello: Hello): Promise<void> {
  const server = await listen(address, MAX_LINKS, () => heartbeats(hello, () => {}));
  const bound = server.address();
  const listening: Address = typeof bound === 'object' && bound !== null && address.kind === 'tcp' ? { ...address, port: bound.port } : address;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread of this process, not a window
  parentPort?.postMessage({ listening } satisfies WatchdogReport);
}

function dialled(address: Address, hello: Hello, why: string): void {
  if (!watched.has(formatAddress(address))) return;
  if (!start.owned) {
    setTimeout(() => {
      if (watched.has(formatAddress(address))) dial(address, heartbeats(hello, (again) => dialled(address, hello, again)));
    }, REDIAL_MS);
    return;
  }
  if (Atomics.load(leaving, 0) === 0) kill(`the watchdog's connection to the broker ended (${why})`);
  setTimeout(() => kill('the broker is gone, and the container did not end by itself'), LEAVE_MS);
}

function kill(why: string): never {
  try {
    // Not process.stderr: that goes through the main thread, which may be blocked.
    writeSync(2, `tradewind container: ${why}; it ends\n`);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
  throw new Error('unreachable: SIGKILL is not survived');
}
