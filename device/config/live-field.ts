import type { z } from 'zod';

/** A setting that takes effect at once, without a restart of the daemon. */
export type LiveField<Field extends z.ZodDefault = z.ZodDefault> = Field & { readonly isLive: true };

/**
 * Marks a setting as one that takes effect at once. The mark goes around the finished field: zod copies a field when a check
 * or a description is added, and the copy would lack it. It is no part of `.meta()`, which appears in the JSON Schemas.
 */
export function live<Field extends z.ZodDefault>(field: Field): LiveField<Field> {
  return Object.assign(field, { isLive: true } as const);
}

export function isLive(field: object): field is LiveField {
  return 'isLive' in field;
}
