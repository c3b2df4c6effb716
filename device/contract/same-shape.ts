import type { z } from 'zod';

/** The same type without `readonly`, and without the `undefined` that an optional key may hold; at any depth. */
type Plain<T> = T extends readonly (infer Item)[]
  ? Plain<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Plain<IsOptional<T, Key> extends true ? Exclude<T[Key], undefined> : T[Key]> }
    : T;

type IsOptional<T, Key extends keyof T> = Record<never, never> extends Pick<T, Key> ? true : false;

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Whether both types have the same keys with the same types, at any depth. `readonly` makes no difference. */
export type SameShape<A, B> = Same<Plain<A>, Plain<B>>;

/** Keys that only one of the types has, or that differ in type. They show in the error of the compiler. */
type Differing<A, B> =
  | Exclude<keyof A, keyof B>
  | Exclude<keyof B, keyof A>
  | { [Key in keyof A & keyof B]: SameShape<A[Key], B[Key]> extends true ? never : Key }[keyof A & keyof B];

/**
 * Checks at compile time that a schema describes exactly `Type`: a key that only one of them has is an error, at any depth.
 * `satisfies z.ZodType<Type>` would accept a type with keys that the schema lacks.
 *
 * @example exactly<Visit>()(z.object({ id: z.string() }))
 */
export function exactly<Type>() {
  return <Schema extends z.ZodType>(
    schema: Schema &
      (SameShape<Type, z.output<Schema>> extends true
        ? unknown
        : { readonly 'schema and type differ in': Differing<Type, z.output<Schema>> }),
  ): Schema => schema;
}
