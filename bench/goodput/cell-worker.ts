import { parentPort } from 'node:worker_threads';
import { playCell, type Cell } from './cell.ts';

/** A thread that plays the cells that it is sent, one by one. */
const port = parentPort;
if (port === null) throw new Error('this is a worker of bench/goodput.ts');
port.on('message', (cell: Cell) => port.postMessage(playCell(cell)));
