import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearMiss } from '../../../../frontend/config/near-miss.ts';

test('the nearest candidate within two slips is meant', () => {
  assert.equal(nearMiss('polcy', ['policy', 'path']), 'policy');
  assert.equal(nearMiss('plicyo', ['policy']), 'policy');
  assert.equal(nearMiss('Policy', ['policy']), 'policy');
});

test('what is far, or too short to tell, is not guessed at', () => {
  assert.equal(nearMiss('weight', ['policy', 'path']), undefined);
  assert.equal(nearMiss('a', ['b']), undefined);
  assert.equal(didYouMean('weight', ['policy']), '');
});

test('neighbours that changed places are one slip', () => {
  assert.equal(nearMiss('amrs', ['army', 'arms']), 'arms');
});
