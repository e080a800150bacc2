import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Misfit } from '../../../../../frontend/batching/latency/misfit.ts';

test('exact predictions make noise and bend as good as nothing, never nothing', () => {
  const misfit = new Misfit();
  for (let i = 0; i < 2000; i++) misfit.compare(0, 0, 10);
  assert.ok(misfit.noise > 0 && misfit.noise < 0.004 ** 2);
  assert.ok(misfit.bend > 0 && misfit.bend < 0.02 ** 2);
});

test('what both predictions err is noise', () => {
  const misfit = new Misfit();
  for (let i = 0; i < 500; i++) misfit.compare(i % 2 === 0 ? 0.2 : -0.2, i % 2 === 0 ? 0.2 : -0.2, 1000);
  assert.ok(Math.abs(misfit.noise - 0.04) < 0.001, `${misfit.noise}`);
  assert.ok(misfit.bend < 0.02 ** 2);
});

test('what only the line errs is bend', () => {
  const misfit = new Misfit();
  for (let i = 0; i < 500; i++) misfit.compare(0.3, 0, 10);
  assert.ok(Math.abs(misfit.bend - 0.09) < 0.001, `${misfit.bend}`);
});

test('a mean of few batches errs by itself, and that is no noise', () => {
  const misfit = new Misfit();
  for (let i = 0; i < 500; i++) misfit.compare(0, 0.2, 1);
  assert.ok(Math.abs(misfit.noise - 0.02) < 0.001, `${misfit.noise}`);
});

test('one huge error counts as one of the whole', () => {
  const misfit = new Misfit();
  const before = misfit.noise;
  misfit.compare(1e9, 1e9, 64);
  assert.ok(misfit.noise - before <= 1 / 5, `${misfit.noise}`);
});

test('evidence for padded sizes grows with what they foretell better, one batch proves nothing, and it fades', () => {
  const misfit = new Misfit();
  assert.equal(misfit.paddedEvidence, 0);
  misfit.compareBases(0.9, 0);
  assert.equal(misfit.paddedEvidence, 2);
  for (let i = 0; i < 40; i++) misfit.compareBases(0.2, 0);
  assert.equal(misfit.paddedEvidence, 12);
  for (let i = 0; i < 4096; i++) misfit.fade();
  assert.ok(misfit.paddedEvidence < 6);
  for (let i = 0; i < 20; i++) misfit.compareBases(0, 0.2);
  assert.equal(misfit.paddedEvidence, -12);
});

test('errors that are as large on either side are no evidence', () => {
  const misfit = new Misfit();
  for (let i = 0; i < 400; i++) {
    misfit.compare(i % 2 === 0 ? 0.2 : -0.2, i % 2 === 0 ? 0.2 : -0.2, 64);
    misfit.compareBases(i % 2 === 0 ? 0.3 : -0.1, i % 2 === 0 ? 0.1 : -0.3);
  }
  assert.ok(Math.abs(misfit.paddedEvidence) < 7, `${misfit.paddedEvidence}`);
});
