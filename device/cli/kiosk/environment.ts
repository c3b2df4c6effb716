/**
 * Variables that the compositor and the browser receive: the session of the screen, languages, and the settings of the libraries
 * that draw. Nothing else: secrets, credentials and the notification socket of the service are not for a browser.
 */
const passed =
  /^(PATH|LANG|LANGUAGE|LC_[A-Z]+|TZ|USER|LOGNAME|DISPLAY|XDG_(SEAT|VTNR|SESSION_[A-Z]+)|(WLR|LIBSEAT|XKB|XCURSOR|MESA|GALLIUM|LIBGL)_\w+)$/;

/**
 * The environment of the compositor and the browser.
 *
 * @param folder home and runtime folder of both, so that they write nowhere else
 */
export function screenEnvironment(own: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(own).filter(([name]) => passed.test(name))),
    HOME: folder,
    XDG_RUNTIME_DIR: folder,
    COG_PLATFORM_WL_VIEW_FULLSCREEN: '1',
  };
}
