import { expect, it } from 'vitest';
import { accentTokens, contrast } from '../src/settings/accent.ts';

const COLOURS = ['#000000', '#ffffff', '#ffff00', '#3350b4', '#c2321c', '#00ff88', '#808080', '#010101', '#fefefe'];

it('makes any colour readable: as text, under text, and softly behind text', () => {
  for (const colour of COLOURS) {
    const light = accentTokens(colour, 'light');
    expect(contrast(light['--accent']!, '#eaecf6'), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light['--accent']!, light['--on-accent']!), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light['--accent-soft']!, '#545a78'), colour).toBeGreaterThanOrEqual(4.5);
    const dark = accentTokens(colour, 'dark');
    expect(contrast(dark['--accent']!, '#2a3056'), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark['--accent']!, dark['--on-accent']!), colour).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark['--accent-soft']!, '#b0b6d6'), colour).toBeGreaterThanOrEqual(4.5);
  }
});

it('leaves a colour alone that can be read as it is', () => {
  expect(accentTokens('#3350b4', 'light')['--accent']).toBe('#3350b4');
});

it('counts contrast as WCAG does', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
  expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
});
