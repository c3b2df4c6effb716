/** Name of the reference pictures, size in CSS pixels, query of the page. */
type Screen = [name: string, viewport: { width: number; height: number }, query: string];

/** Screens that every page must fit, with a theme and a language each. */
export const screens: Screen[] = [
  ['small', { width: 800, height: 480 }, 'theme=dark&lang=en'],
  ['large', { width: 1920, height: 1080 }, 'theme=light&lang=de'],
  ['4k', { width: 3840, height: 2160 }, 'theme=contrast&lang=fr'],
  ['phone', { width: 360, height: 780 }, 'theme=light&lang=es'],
  ['urdu', { width: 390, height: 844 }, 'theme=dark&lang=ur'],
];
