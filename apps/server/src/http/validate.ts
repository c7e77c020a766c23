/** zod shapes of the tables, compiled once to JSON Schema and ajv; that is several times quicker than zod itself. */
import { checkExtent, type ErrorCode, HanabiError } from '@hanabi/protocol';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { z } from 'zod';

const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: false });

export function compile<S extends z.ZodType>(schema: S, code: ErrorCode): (value: unknown) => z.input<S> {
  const check: ValidateFunction = ajv.compile(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  return (value) => {
    checkExtent(value, code);
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
