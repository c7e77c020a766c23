export { type FileDigest, generateKey, requireSameKey, SIGNATURE_FILE } from './signature.ts';
export { lookAlike } from './look-alike.ts';
export { pack, type PackedPackage } from './pack.ts';
export { type PackageFile, packageFiles } from './package-files.ts';
export { describeProblem, type PackageProblem } from './problem.ts';
export { unpack } from './unpack.ts';
export { type PackageReport, type PythonCheck, SAMPLE_INPUTS, validatePackage } from './validate-package.ts';
