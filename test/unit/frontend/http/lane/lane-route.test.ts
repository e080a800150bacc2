import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type LaneRoute, takerOf } from '../../../../../frontend/http/lane/lane-route.ts';

test('the first route that takes a request has it', () => {
  const asked: string[] = [];
  const one = (): void => {};
  const two = (): void => {};
  const routes: LaneRoute[] = [
    (path) => (path === '/one' ? one : undefined),
    (path, { host }) => {
      asked.push(`${path} ${host}`);
      return path === '/three' ? undefined : two;
    },
  ];
  assert.deepEqual(['/one', '/two', '/three'].map((path) => takerOf(routes, path, { host: 'h' })), [one, two, undefined]);
  assert.deepEqual(asked, ['/two h', '/three h']);
});
