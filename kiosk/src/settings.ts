/**
 * A setting of a page: from its address (`?lang=ur&theme=dark`), else from the configuration, which the daemon
 * writes as `data-` attributes onto the page's <html>.
 *
 * @param key of the attribute
 * @param parameter of the address; the same as `key` if it is missing
 */
export function settingOf(key: string, parameter: string = key): string | undefined {
  // Without a document (in a test), nothing is set.
  if (typeof document === 'undefined') return undefined;
  return new URLSearchParams(location.search).get(parameter) ?? document.documentElement.dataset[key];
}
