/** The shape that all connectors share: what a user types in, and what a program may ask for. */
import * as z from 'zod';
import { LIMITS } from '../limits.ts';

/** One thing that a user types in once. */
export interface ConnectorField {
  /** Sealed on the server: it never comes back to a browser, and no program sees it. */
  secret: boolean;
  required: boolean;
  /** What it has to look like. Secrets are printable ASCII, so that they can be found in texts. */
  pattern: RegExp;
  /** Taken where the user left it out. */
  fallback?: string;
}

export interface ConnectorRow {
  /** The service’s own name. */
  name: string;
  fields: Record<string, ConnectorField>;
  /** By the name that programs say after `ctx.<kind>.`, the shape of its parameters. */
  calls: Record<string, z.ZodType>;
  /** Whether it can spend money, for which it needs a switch and limits. */
  trades: boolean;
}

const PRINTABLE = new RegExp(`^[\\x21-\\x7e]{8,${LIMITS.connection_field_chars_max}}$`);
const LINE = new RegExp(`^[^\\p{Cc}]{1,${LIMITS.connection_field_chars_max}}$`, 'u');
/** Without a query, a fragment or a name before the host; what of it may be reached is decided on the server. */
const ADDRESS = /^https?:\/\/[^\s/?#@\\]+(?:\/[A-Za-z0-9._~-]+)*\/?$/;

export const secret = (pattern = PRINTABLE): ConnectorField => ({ secret: true, required: true, pattern });
export const text = (pattern = LINE): ConnectorField => ({ secret: false, required: false, pattern });
export const address = (fallback: string): ConnectorField => ({ ...text(ADDRESS), fallback });

/** Left out, Python says None and the frame null. */
export const optional = <Shape extends z.ZodType>(shape: Shape) => shape.nullable().default(null);
