import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { exitCode, MienError } from '../../core/errors.ts';

export const browserChoices = ['auto', 'cog', 'chromium'] as const;
type BrowserChoice = (typeof browserChoices)[number];

/** A browser that is installed. */
export interface Browser {
  readonly name: Exclude<BrowserChoice, 'auto'>;
  readonly program: string;
}

/** The compositor, and the browser that it shows. */
export interface ScreenPrograms {
  readonly cage: string;
  readonly browser: Browser;
}

/** Programs of each browser. cog comes first: it takes 303 MB where Chromium takes 453 MB, and is live after half the time. */
const programs: Readonly<Record<Browser['name'], readonly string[]>> = {
  cog: ['cog'],
  chromium: ['chromium', 'chromium-browser'],
};

/**
 * Finds the programs in `path`, a list of folders as in the variable PATH.
 *
 * @throws MienError that names the package to install
 */
export function findPrograms(choice: BrowserChoice, path: string): ScreenPrograms {
  const cage = findProgram('cage', path);
  if (cage === undefined) throw missing('the compositor cage in PATH, found none', 'cage xwayland');
  const names = choice === 'auto' ? (['cog', 'chromium'] as const) : [choice];
  for (const name of names) {
    const program = programs[name].map((each) => findProgram(each, path)).find((found) => found !== undefined);
    if (program !== undefined) return { cage, browser: { name, program } };
  }
  const wanted = choice === 'auto' ? 'cog or chromium in PATH, found neither' : `${choice} in PATH, found none`;
  throw missing(`the browser ${wanted}`, choice === 'auto' ? 'cog' : choice);
}

/**
 * The arguments with which a browser shows only this page and asks no questions.
 *
 * @param folder for the profile; empty at each start, so that no browser offers to restore a crashed session
 */
export function browserArguments({ name }: Browser, url: string, folder: string): readonly string[] {
  return name === 'cog' ? cogArguments(url) : chromiumArguments(url, folder);
}

function cogArguments(url: string): string[] {
  // By default cog shows an error page after a crash of the page's process. If it ends instead, it is started again.
  return ['--platform=wl', '--webprocess-failure=exit', '--bg-color=black', url];
}

function chromiumArguments(url: string, folder: string): string[] {
  return [
    '--ozone-platform=wayland',
    '--kiosk',
    '--no-first-run',
    '--noerrdialogs',
    '--disable-session-crashed-bubble',
    '--hide-crash-restore-bubble',
    '--disable-infobars',
    '--password-store=basic',
    '--disable-pinch',
    '--overscroll-history-navigation=0',
    '--autoplay-policy=no-user-gesture-required',
    '--disable-features=Translate,TranslateUI',
    '--disable-component-update',
    '--check-for-update-interval=31536000',
    // The profile lies in memory.
    '--disk-cache-size=16777216',
    ...(hasRenderNode() ? [] : ['--disable-gpu']),
    `--user-data-dir=${join(folder, 'chromium')}`,
    url,
  ];
}

/** Whether there is a graphics processor to draw with. */
function hasRenderNode(folder = '/dev/dri'): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => name.startsWith('renderD'));
}

function findProgram(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => existsSync(file));
}

function missing(what: string, debianPackages: string): MienError {
  return new MienError(`expected ${what}`, {
    code: exitCode.unavailable,
    remedy: `Install it with: sudo apt-get install ${debianPackages}`,
  });
}
