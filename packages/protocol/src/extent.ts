/** How much JSON makes of a value, and whether that is too much to begin with. */
import { type ErrorCode, HanabiError } from './errors.ts';
import { LIMITS } from './limits.ts';

/**
 * Ends with `code` for a value that is nested deeper, or says more, than a message may.
 *
 * A value that came by structured clone can contain the same part many times, or itself: a few kilobytes of it are
 * gigabytes of JSON. So what counts is what JSON would write, each time it would write it; and counting ends with the
 * limit, not with the value.
 */
export function checkExtent(value: unknown, code: ErrorCode): void {
  let level: unknown[] = [value];
  let values = 1;
  let chars = 0;
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > LIMITS.message_depth_max) {
      throw new HanabiError(code, `it is nested too deeply, beyond ${LIMITS.message_depth_max} levels`);
    }
    const next: unknown[] = [];
    for (const part of level) {
      const children = childrenOf(part);
      values += children.length;
      if (typeof part === 'string') chars += part.length;
      else if (!Array.isArray(part)) chars += lengthOfNames(part);
      if (values > LIMITS.message_values_max) {
        throw new HanabiError(code, `it has more than ${LIMITS.message_values_max} values`);
      }
      if (chars > LIMITS.message_text_chars_max) {
        throw new HanabiError(code, `its texts have more than ${LIMITS.message_text_chars_max} characters`);
      }
      for (const child of children) next.push(child);
    }
    level = next;
  }
}

const NONE: readonly unknown[] = [];

/** Bytes are no JSON: they travel beside it. */
function childrenOf(part: unknown): readonly unknown[] {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return NONE;
  return Array.isArray(part) ? part : Object.values(part);
}

function lengthOfNames(part: unknown): number {
  if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return 0;
  let length = 0;
  for (const name of Object.keys(part)) length += name.length;
  return length;
}
