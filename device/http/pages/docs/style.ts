/** The style sheet of the docs page. A string, because the build contains modules only. */
export const docsStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1b2024, #e9edf0); --paper: light-dark(#fff, #14181b);
  --soft: light-dark(#f1f4f6, #1f2529); --line: light-dark(#cfd6db, #39424a); --faint: light-dark(#55616b, #a4b0b9);
  --accent: light-dark(#0b5cad, #7cc0ff); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 70rem; padding: 1.5rem; font: 1rem/1.5 Roboto, system-ui, sans-serif; color: var(--ink);
  background: var(--paper); }
h1, h2, h3 { line-height: 1.25; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
a { color: var(--accent); }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
pre { background: var(--soft); padding: .75rem; overflow-x: auto; border-radius: .5rem; }
p { white-space: pre-line; }
nav ul { columns: 18rem; padding-left: 1.2rem; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: 0 1rem; scroll-margin-top: 1rem; }
details[open] { padding-bottom: 1rem; }
summary { cursor: pointer; padding: .75rem 0; display: flex; gap: .75rem; align-items: baseline; flex-wrap: wrap; }
.method { font: 600 .8rem/1 ui-monospace, monospace; border: 1px solid currentColor; border-radius: .3rem;
  padding: .25rem .4rem; min-width: 4rem; text-align: center; }
.faint { color: var(--faint); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; display: block; overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
`;
