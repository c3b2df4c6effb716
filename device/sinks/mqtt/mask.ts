/** The text with the credentials of every URL in it replaced; rather too much than too little. */
export function maskCredentials(text: string): string {
  return text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)\S*@/gi, '$1***@');
}
