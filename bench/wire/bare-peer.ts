import { connect } from 'node:net';

// The other end of the bare socket: takes BYTES at a time, answers each with REPLY bytes, and does nothing else.

const [path = '', bytes = '1', reply = '1'] = process.argv.slice(2);
const answer = Buffer.alloc(Number(reply));
let owed = Number(bytes);
const socket = connect({
  path,
  onread: {
    buffer: Buffer.allocUnsafeSlow(1024 * 1024),
    callback: (read) => {
      for (owed -= read; owed <= 0; owed += Number(bytes)) socket.write(answer);
      return true;
    },
  },
});
