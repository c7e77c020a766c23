/** The oldest Node.js that runs the house; `engines` of package.json says the same to npm. */
const OLDEST = [20, 19];

/**
 * @param {string} version as process.versions.node gives it
 * @returns {string | undefined} a sentence for the person, or nothing when the version will do
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `HanabiMatsuri needs Node.js ${OLDEST.join('.')} or newer; this is ${version}. Node.js 24 is the recommended one: https://nodejs.org/`;
}
