/** The arithmetic behind the background: scattered by fixed sequences, so that it is the same on every visit. */

/** A number from 0 to 1 that looks random and belongs to its index. */
export function scatter(index: number, seed: number): number {
  const value = Math.sin(index * 127.1 + seed * 311.7) * 43758.5453;
  return value - Math.floor(value);
}

const round = (value: number) => Math.round(value * 10) / 10;

/** The paths of one burst around (0, 0): rays that sink a little towards their tips, sparks at the tips, loose dust. */
export function drawBurst(size: number, count: number, seed: number) {
  let rays = '';
  let sparks = '';
  let dust = '';
  let reflection = '';
  for (let index = 0; index < count; index += 1) {
    const angle = ((index + scatter(index, seed) * 0.5) / count) * 2 * Math.PI;
    const length = size * (index % 2 ? 0.62 + 0.12 * scatter(index, seed + 1) : 0.9 + 0.1 * scatter(index, seed + 2));
    const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
    const sink = size * 0.07 * (length / size) ** 2;
    const [x, y] = [round(dx * length), round(dy * length + sink)];
    const from = length * 0.3;
    rays += `M${round(dx * from)} ${round(dy * from)}Q${round(dx * length * 0.7)} ${round(dy * length * 0.7)} ${x} ${y}`;
    sparks += `M${x} ${y}h.1`;
    const far = size * (0.35 + 0.75 * scatter(index, seed + 3));
    const turn = angle + 0.11;
    dust += `M${round(Math.cos(turn) * far)} ${round(Math.sin(turn) * far + size * 0.05)}h.1`;
  }
  for (let line = 0; line < 7; line += 1) {
    const width = size * (0.32 - line * 0.03) * (0.5 + scatter(line, seed + 4));
    const middle = size * 0.2 * (scatter(line, seed + 5) - 0.5);
    reflection += `M${round(middle - width)} ${760 + line * 13}h${round(width * 2)}`;
  }
  return { rays, sparks, dust, reflection };
}

export const STARS = Array.from({ length: 90 }, (_, index) => ({
  x: round(scatter(index, 11) * 1600),
  y: round(scatter(index, 12) ** 1.4 * 520),
  r: round(0.6 + scatter(index, 13) * 1.1),
  opacity: round(0.3 + scatter(index, 14) * 0.6),
}));

/** Light on the water, denser towards the far shore. */
export const GLINTS = Array.from({ length: 34 }, (_, index) => {
  const depth = scatter(index, 21) ** 1.5;
  return `M${round(scatter(index, 22) * 1560)} ${round(756 + depth * 120)}h${round(14 + depth * 50)}`;
}).join('');

/** Paper lanterns set afloat: the nearer, the larger. */
export const LANTERNS = [
  { x: 92, y: 806, scale: 1.25 },
  { x: 214, y: 780, scale: 0.8 },
  { x: 318, y: 818, scale: 1.4 },
  { x: 452, y: 772, scale: 0.62 },
  { x: 566, y: 795, scale: 0.95 },
  { x: 700, y: 768, scale: 0.5 },
  { x: 868, y: 784, scale: 0.75 },
  { x: 1010, y: 766, scale: 0.48 },
  { x: 1196, y: 800, scale: 1.05 },
  { x: 1330, y: 775, scale: 0.66 },
  { x: 1466, y: 812, scale: 1.3 },
];
