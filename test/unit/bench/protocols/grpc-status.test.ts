import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grpcStatus, literalFields } from '../../../../bench/protocols/grpc-status.ts';

const statusOf = (hex: string): string | undefined => grpcStatus(Buffer.from(hex, 'hex'));

test('fields are literals without indexing, as RFC 7541 draws them', () => {
  assert.equal(literalFields([['te', 'trailers'], ['a', '']]).toString('hex'), ['00', '027465', '08747261696c657273', '00', '0161', '00'].join(''));
  // 127 is the first length of two bytes, 1337 the example of section C.1.2 in seven bits.
  assert.equal(literalFields([['a', 'x'.repeat(127)]]).subarray(0, 5).toString('hex'), '0001617f00');
  assert.equal(literalFields([['a', 'x'.repeat(1337)]]).subarray(0, 6).toString('hex'), '0001617fba09');
});

test('the status is found in what nghttp2 writes without a table, whatever stands before it', () => {
  assert.equal(statusOf('00889acac8b21234da8f013000899acac8b5254207317f00'), '0');
  assert.equal(statusOf('2000889acac8b21234da8f02313400899acac8b5254207317f00'), '14');
  // :status by its index, date by the index of its name, and a name and value that are never to be indexed.
  assert.equal(statusOf(['88', '0f12026162', '1001610162', '000b677270632d737461747573', '0133'].join('')), '3');
});

test('long lengths are read as they are written', () => {
  assert.equal(grpcStatus(literalFields([['x'.repeat(127), 'y'.repeat(1337)], ['grpc-status', '5']])), '5');
});

test('a block without a status has none', () => {
  assert.equal(statusOf('88'), undefined);
  assert.equal(grpcStatus(literalFields([['grpc-message', '0']])), undefined);
});

test('what would take a table, or is cut off, is refused', () => {
  assert.throws(() => statusOf('4001610162'), /indexes fields/);
  assert.throws(() => statusOf('00889acac8b2'), /ends in the middle/);
  assert.throws(() => statusOf('007f80808080'), /does not end/);
  assert.throws(() => statusOf('00889acac8b21234da8f8107'), /Huffman/);
});
