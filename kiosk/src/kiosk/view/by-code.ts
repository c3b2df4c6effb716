/** Text of a code of the device; that of `unknown` for a code of a newer device, or for none. */
export function byCode<Text, Code extends string>(
  texts: Readonly<Record<Code | 'unknown', Text>>,
  code: string | undefined,
): Text {
  return code !== undefined && Object.hasOwn(texts, code) ? texts[code as Code] : texts.unknown;
}
