/** Gets Temporal's packages for the tests that run on them. */
import { installTemporal } from './install.mjs';

export default function temporalForTests(): Promise<void> {
  return installTemporal();
}
