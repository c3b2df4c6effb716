import type { Row } from './table.ts';

/** A target of the project, and the value that this run measured. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  /** `measured` must be at least, at most, or exactly this. */
  readonly limit: { readonly least: number } | { readonly most: number } | { readonly exactly: number };
  readonly unit?: string;
}

/** False also where nothing could be measured. */
export function isMet({ measured, limit }: Target): boolean {
  if ('least' in limit) return measured >= limit.least;
  return 'most' in limit ? measured <= limit.most : measured === limit.exactly;
}

export function targetRows(targets: readonly Target[]): Row[] {
  return targets.map((target) => {
    const { what, measured, limit, unit = '' } = target;
    return { target: what, limit: `${bound(limit)} ${unit}`.trimEnd(), measured, met: isMet(target) ? 'yes' : 'NO' };
  });
}

function bound(limit: Target['limit']): string {
  if ('least' in limit) return `>= ${limit.least}`;
  return 'most' in limit ? `<= ${limit.most}` : `= ${limit.exactly}`;
}
