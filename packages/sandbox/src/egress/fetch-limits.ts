import { LIMITS } from '@hanabi/protocol';

type FetchLimitName = Extract<keyof typeof LIMITS, `fetch_${string}`>;

/** The rows of the limits table that are about ctx.fetch. */
export type FetchLimits = Readonly<Record<FetchLimitName, number>>;
