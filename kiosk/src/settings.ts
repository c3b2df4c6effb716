/**
 * What a page is set to: by its address (`?lang=ur&theme=dark`), else by the daemon's configuration, which the daemon
 * writes as `data-` attributes onto the page's <html>.
 *
 * @param key of the attribute
 * @param parameter of the address; the same name where it is not given
 */
export function settingOf(key: string, parameter: string = key): string | undefined {
  // Where there is no page (in a test), nothing is set.
  if (typeof document === 'undefined') return undefined;
  return new URLSearchParams(location.search).get(parameter) ?? document.documentElement.dataset[key];
}
