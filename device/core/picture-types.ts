/**
 * Accepted media types, and aliases that programs use for them. The type only rejects content that is declared as
 * something else; the bytes decide the format.
 */
export const pictureTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/bmp'] as const;
const typeAliases = ['image/jpg', 'image/pjpeg', 'image/x-png', 'image/x-ms-bmp', 'image/x-bmp'];

/** @param type without parameters, in lower case */
export function isPictureType(type: string): boolean {
  return [...pictureTypes, ...typeAliases].includes(type);
}
