/** A value of one source, before the check. */
export interface Assignment {
  readonly path: string;
  readonly value: unknown;
  readonly source: string;
}
