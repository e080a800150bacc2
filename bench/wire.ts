import { parseArgs } from 'node:util';
import { median } from './report/median.ts';
import { textTable } from './report/table.ts';
import { say, writeResult } from './report/write.ts';
import { measureBareSocket } from './wire/bare-socket.ts';
import { LANGUAGES, leastContainer } from './wire/containers.ts';
import { BATCH_BYTES, LARGE, measureWire, REPLY_BYTES } from './wire/measure.ts';
import { openReplica } from './wire/replica.ts';
import { BARS, wireRow, wireTable, type WireRow } from './wire/result.ts';

const HELP = `The container wire alone: batches of 784 float32 a row to one replica over a Unix socket and back, closed loop, from the
accepting side with the broker's own listener, encoder and decoder, and nothing above them. The containers do nothing (the
one in Go sums its rows). Beside it, in the same round, a bare socket of Node's: one buffer as long as a large batch written,
a reply read.

  node bench/wire.ts [flags]

  --containers NAMES  of ${LANGUAGES.join(',')}; all unless given
  --rounds N          3 unless given; the containers take turns, and the round with the median CPU is told
  --seconds S         of each point, after as many to warm up; 2 unless given
  --python PROGRAM    an interpreter with numpy and msgpack; python3 unless given
  --small             a size that takes seconds, to see that it runs: no bar is held
  --json FILE         writes the result there; - is standard output

Exit code 1 where a figure misses its bar.
`;
const SMALL = { rounds: 1, seconds: 0.2 };
/** One row, one after another; then large batches, one after another and with the next one there already. */
const POINTS = [{ rows: 1, inFlight: 1 }, { rows: LARGE, inFlight: 1 }, { rows: LARGE, inFlight: 2 }];

const { values } = parseArgs({
  options: {
    containers: { type: 'string', default: LANGUAGES.join(',') }, rounds: { type: 'string', default: '3' }, seconds: { type: 'string', default: '2' },
    python: { type: 'string', default: 'python3' }, small: { type: 'boolean', default: false }, json: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});

function middle(rows: readonly WireRow[]): WireRow {
  const row = rows.toSorted((a, b) => a.brokerCpuMicros - b.brokerCpuMicros)[rows.length >> 1];
  if (row === undefined) throw new RangeError('--rounds must be 1 or more');
  return row;
}

if (values.help) {
  process.stdout.write(HELP);
} else {
  const languages = LANGUAGES.filter((language) => values.containers.split(',').includes(language));
  const size = values.small ? SMALL : { rounds: Number(values.rounds), seconds: Number(values.seconds) };
  const measured: WireRow[] = [];
  const bare: number[] = [];
  for (let round = 0; round < size.rounds; round++) {
    bare.push(await measureBareSocket({ bytes: BATCH_BYTES, reply: REPLY_BYTES, seconds: size.seconds }));
    for (const language of languages) {
      const replica = await openReplica((folder) => leastContainer(language, { folder, python: values.python }));
      for (const point of POINTS) measured.push(wireRow(language, await measureWire(replica, { ...point, seconds: size.seconds })));
      await replica.close();
    }
  }
  const rows = languages.flatMap((language) => POINTS.map((point) => (
    middle(measured.filter((row) => row.language === language && row.rows === point.rows && row.inFlight === point.inFlight))
  )));
  const bareCpuMicros = median(bare);
  say(textTable(wireTable({ rows, bareCpuMicros })));
  writeResult(values.json, { bench: 'wire', seed: 0, parameters: { ...size, features: 784, bars: BARS, small: values.small }, result: { rows, bareCpuMicros } });
  process.exitCode = values.small || rows.every(({ misses }) => misses.length === 0) ? 0 : 1;
}
