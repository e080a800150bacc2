import type { Contender, Started } from './contender.ts';
import { inputRows, numbersJson } from './inputs.ts';

const SOURCE = new URL('./body-source.ts', import.meta.url).href;

/** Our own roads, which the others are held against. */
export function nativeContenders(started: Started): readonly Contender[] {
  const { url, pid, app, features, seed } = started;
  const host = new URL(url).host;
  const rows = inputRows(features, seed);
  const path = `/v1/apps/${app}/predict`;
  return [
    {
      name: 'native-json', title: 'native, JSON, 784 floats', pid, rows: 1,
      over: { kind: 'http', url, source: { module: SOURCE, options: { host, path, contentType: 'application/json', headers: {}, bodies: rows.map((row) => Buffer.from(`{"input":[${numbersJson(row)}]}`).toString('base64')) } } },
    },
    {
      name: 'native-binary', title: 'native, binary, 784 floats', pid, rows: 1,
      over: { kind: 'http', url, source: { module: SOURCE, options: {
        host, path, contentType: 'application/octet-stream', headers: { 'tradewind-dtype': 'float32', 'tradewind-shape': String(features) }, bodies: rows.map((row) => Buffer.from(row.buffer).toString('base64')),
      } } },
    },
  ];
}
