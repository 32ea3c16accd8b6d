export interface TargetResult {
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly verdict: 'met' | 'MISSED' | 'not measured';
}

/** What a figure is to be; `Of` finds the figures of a run. */
export interface Target<Of> {
  readonly what: string;
  readonly limit: number;
  readonly unit: string;
  /** `at-most`, where less is better. */
  readonly bound: 'at-most' | 'at-least';
  readonly value: (of: Of) => number;
}

export function checkTarget<Of>({ what, limit, unit, bound, value }: Target<Of>, of: Of): TargetResult {
  const measured = value(of);
  const isMet = bound === 'at-most' ? measured <= limit : measured >= limit;
  return {
    what,
    target: `${bound === 'at-most' ? '≤' : '≥'} ${limit.toLocaleString('en')} ${unit}`,
    measured: `${shown(measured)} ${unit}`,
    verdict: Number.isNaN(measured) ? 'not measured' : isMet ? 'met' : 'MISSED',
  };
}

export function shown(value: number): string {
  if (Number.isNaN(value)) return '?';
  return value.toLocaleString('en', {
    maximumSignificantDigits: value >= 100 ? 6 : 3,
    maximumFractionDigits: 2,
  });
}
