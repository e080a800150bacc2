import { parentPort } from 'node:worker_threads';
import { playRange, type SeedRange } from './play-range.ts';

/** A thread that plays the ranges of seeds that it is sent, one by one. */
const port = parentPort;
if (port === null) throw new Error('this is a worker of bench/worlds.ts');
port.on('message', (range: SeedRange) => port.postMessage(playRange(range)));
