import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linePlot, type LinePlot } from '../../../../bench/report/line-plot.ts';

const PLOT: LinePlot = {
  title: 'A < B', x: { label: 'load', from: 0.5, to: 4, ticks: [0.5, 1, 2, 4], scale: 'log' }, y: { label: 'share', from: 0, to: 1, ticks: [0, 0.5, 1] },
  series: [
    { name: 'one', hue: 'accent', style: 'strong', points: [[0.5, 0], [4, 1]] },
    { name: 'two', hue: 'green', points: [[0.5, 0.2], [4, 0.99]] },
    { name: 'three', hue: 'orange', style: 'dots', points: [[1, 0.98]] },
  ],
};

function heightsOf(svg: string): number[] {
  return [...svg.matchAll(/<text x="[\d.]+" y="([\d.]+)" class="label"/g)].map((match) => Number(match[1]));
}

test('it is one document that needs nothing from elsewhere', () => {
  const svg = linePlot(PLOT);
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assert.ok(svg.includes('A &lt; B') && !svg.includes('A < B'));
  assert.ok(!/href|src=|url\(|@import/.test(svg));
  assert.ok(!/NaN|undefined|Infinity/.test(svg));
});

test('lines lie where their values are: a log axis from edge to edge, the y axis upwards', () => {
  const [, points = ''] = /<polyline points="([\d., ]+)" fill="none" stroke="var\(--accent\)"[^>]*stroke-width="3"/.exec(linePlot(PLOT)) ?? [];
  assert.equal(points, '44,280 402,64');
});

test('every line is named at its end, and no two names cover each other', () => {
  const heights = heightsOf(linePlot(PLOT));
  assert.equal(heights.length, 3);
  for (const [i, height] of heights.entries()) if (i > 0) assert.ok(height - (heights[i - 1] ?? 0) >= 12, heights.join());
});

test('many names are kept within the frame', () => {
  const series = Array.from({ length: 12 }, (_, i) => ({ name: `r${i}`, hue: 'grey' as const, points: [[0.5, 0], [4, 0.01]] as const }));
  const heights = heightsOf(linePlot({ ...PLOT, series }));
  assert.ok(Math.max(...heights) <= 290 && Math.min(...heights) >= 60, heights.join());
});

test('both colour schemes are in it', () => {
  assert.match(linePlot(PLOT), /prefers-color-scheme: dark/);
});
