/** Semantic versions, as the manifest allows them: three numbers and perhaps a pre-release. */

/** Below zero when `a` comes before `b`. */
export function compareVersions(a: string, b: string): number {
  const left = parts(a);
  const right = parts(b);
  for (let index = 0; index < 3; index += 1) {
    const difference = Number(left.numbers[index]) - Number(right.numbers[index]);
    if (difference !== 0) return difference;
  }
  return comparePreReleases(left.preRelease, right.preRelease);
}

function parts(version: string): { numbers: string[]; preRelease: string[] } {
  const dash = version.indexOf('-');
  const numbers = (dash < 0 ? version : version.slice(0, dash)).split('.');
  return { numbers, preRelease: dash < 0 ? [] : version.slice(dash + 1).split('.') };
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  // A release comes after everything that leads to it.
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const left = a[index];
    const right = b[index];
    if (left === right) continue;
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    const bothNumbers = /^\d+$/.test(left) && /^\d+$/.test(right);
    if (bothNumbers) return Number(left) - Number(right);
    if (/^\d+$/.test(left) !== /^\d+$/.test(right)) return /^\d+$/.test(left) ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
