/** Amounts of money without rounding errors: decimals as whole numbers and a scale, sums in millionths. */

export interface Decimal {
  units: bigint;
  /** `units` / 10^scale is the number. */
  scale: number;
}

const DECIMAL = /^(\d{1,18})(?:\.(\d{1,18}))?(?:[eE]([+-]?\d{1,2}))?$/;
const MICRO_SCALE = 6;

/** Of a text such as "0.001" or a number; undefined where it is none, or not more than nothing. */
export function readDecimal(value: string | number): Decimal | undefined {
  const match = DECIMAL.exec(String(value));
  if (!match) return undefined;
  const [, whole = '', fraction = '', exponent = '0'] = match;
  const scale = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction) * 10n ** BigInt(Math.max(0, -scale));
  return units > 0n ? { units, scale: Math.max(0, scale) } : undefined;
}

/** As exchanges read it: without an exponent. */
export function plainText({ units, scale }: Decimal): string {
  const digits = units.toString().padStart(scale + 1, '0');
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  const whole = digits.slice(0, digits.length - scale);
  return scale > 0 && fraction !== '' ? `${whole}.${fraction}` : whole;
}

export function times(one: Decimal, other: Decimal): Decimal {
  return { units: one.units * other.units, scale: one.scale + other.scale };
}

export function larger(one: Decimal, other: Decimal): Decimal {
  return one.units * 10n ** BigInt(other.scale) >= other.units * 10n ** BigInt(one.scale) ? one : other;
}

/** In millionths, rounded up; undefined where a number cannot hold it. */
export function toMicro({ units, scale }: Decimal): number | undefined {
  const above = 10n ** BigInt(Math.max(0, scale - MICRO_SCALE));
  const micro = (units * 10n ** BigInt(Math.max(0, MICRO_SCALE - scale)) + above - 1n) / above;
  return micro <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(micro) : undefined;
}

export function microText(micro: number): string {
  return micro === 0 ? '0' : plainText({ units: BigInt(micro), scale: MICRO_SCALE });
}
