/** What a person's accent colour becomes, so that everything written in it or on it can be read. */

/** Parts from 0 to 1. */
type Colour = readonly [red: number, green: number, blue: number];

interface Scheme {
  /** The surface on which text in the accent has the least contrast. */
  surface: string;
  /** What the soft accent is mixed into, and the faintest text that stands on it. */
  base: string;
  text: string;
  onAccent: string;
  /** Where the accent moves to gain contrast. */
  pole: string;
}

/** The colours of tokens.css that matter here. */
const SCHEMES: Readonly<Record<'light' | 'dark', Scheme>> = {
  light: { surface: '#eaecf6', base: '#ffffff', text: '#545a78', onAccent: '#ffffff', pole: '#000000' },
  dark: { surface: '#2a3056', base: '#191d38', text: '#b0b6d6', onAccent: '#10173d', pole: '#ffffff' },
};

/** The contrast that text needs, and a little for rounding. */
const CONTRAST = 4.6;
const STEP = 0.04;

/** The four tokens of the accent. */
export function accentTokens(accent: string, theme: 'light' | 'dark'): Record<string, string> {
  const { surface, base, text, onAccent, pole } = SCHEMES[theme];
  let part = 0;
  let readable = accent;
  while (part < 1 && Math.min(contrast(readable, surface), contrast(readable, onAccent)) < CONTRAST) {
    part += STEP;
    readable = mix(accent, pole, part);
  }
  let share = 0.24;
  while (share > STEP && contrast(mix(base, readable, share), text) < CONTRAST) share -= STEP;
  return {
    '--accent': readable,
    '--accent-strong': mix(readable, pole, 0.2),
    '--accent-soft': mix(base, readable, share),
    '--on-accent': onAccent,
  };
}

/** As WCAG counts it: from 1 to 21. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function mix(from: string, to: string, part: number): string {
  const [a, b] = [parse(from), parse(to)];
  const parts = a.map((value, index) => Math.round((value + (b[index]! - value) * Math.min(part, 1)) * 255));
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function luminance(colour: string): number {
  const [red, green, blue] = parse(colour).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
  ) as unknown as Colour;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function parse(colour: string): Colour {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255) as unknown as Colour;
}
