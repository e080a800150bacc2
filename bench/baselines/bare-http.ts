import { createServer } from 'node:http';
import { announce, readArguments } from './fixed-answer.ts';

/** The least that node:http does for the same: collect the body, `JSON.parse` it or take it as floats, answer fixed bytes. */
const { features, answer } = readArguments();
const body = JSON.stringify(answer);
const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body) };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const bytes = chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
    const input = request.headers['content-type'] === 'application/json'
      ? Float32Array.from((JSON.parse(bytes.toString()) as { input: number[] }).input)
      : new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    response.writeHead(input.length === features ? 200 : 400, headers);
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  announce(typeof address === 'object' && address !== null ? address.port : 0);
});
