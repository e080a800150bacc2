import { Server, ServerCredentials } from '@grpc/grpc-js';

/**
 * What a unary method costs with @grpc/grpc-js alone: takes a message as bytes and answers the same bytes each time, given in
 * base64. Says its port as JSON and ends with its standard input.
 */
const [path = '', answer = ''] = process.argv.slice(2);
const bytes = Buffer.from(answer, 'base64');
const server = new Server({ 'grpc.enable_channelz': 0 });
const asItIs = (message: Buffer): Buffer => message;
server.register(path, (_call: unknown, send: (error: null, value: Buffer) => void) => send(null, bytes), asItIs, asItIs, 'unary');
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error !== null) throw error;
  process.stdout.write(`${JSON.stringify({ port })}\n`);
});
process.stdin.on('end', () => server.forceShutdown()).resume();
