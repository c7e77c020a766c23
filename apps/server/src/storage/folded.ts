/** A name as the search compares it: without case and accents. */
export function folded(name: string): string {
  // Twice, because what is lower-cased may fall apart into a letter and a mark.
  return name.normalize('NFKD').toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '');
}
