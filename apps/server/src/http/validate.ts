/**
 * zod shapes of the tables, compiled to JSON Schema and ajv when they are first used: that is several times quicker than zod
 * itself, and all of them at once would take a third of the time in which a server starts.
 */
import { checkExtent, type ErrorCode, HanabiError } from '@hanabi/protocol';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import * as z from 'zod';

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });

export function compile<S extends z.ZodType>(schema: S, code: ErrorCode): (value: unknown) => z.input<S> {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    checkExtent(value, code);
    const check = (compiled ??= ajv.compile(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })));
    if (check(value)) return value as z.input<S>;
    throw new HanabiError(code, describe(check));
  };
}

function describe(check: ValidateFunction): string {
  const error = check.errors?.[0];
  if (!error) return 'not of the expected shape';
  const extra = (error.params as { additionalProperty?: string }).additionalProperty;
  const place = error.instancePath.replace(/^\//, '').replaceAll('/', '.');
  const text = extra ? `unknown field "${extra}"` : (error.message ?? 'not of the expected shape');
  return place ? `"${place}" ${text}` : text;
}
