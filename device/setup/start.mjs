// @ts-check
/**
 * `npm run demo | test | bench | setup`: sets up what the purpose needs, then runs it.
 *
 * Plain JavaScript without dependencies, because it runs on a machine with Node and npm only. This file imports nothing
 * itself, so that a Node that is too old gets a clear message instead of a syntax error.
 */
const minimumNode = [20, 19];

/**
 * @param {string} version as in process.versions.node
 * @returns {string | undefined} what is wrong, in one line
 */
export function complainAboutNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = minimumNode;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return undefined;
  return `mien: Node ${minimumNode.join('.')} or newer is needed, this is ${version}. Install it from https://nodejs.org or with "apt-get install nodejs" on Debian 13.`;
}

const complaint = complainAboutNode(process.versions.node);
if (complaint) {
  console.error(complaint);
  process.exit(69);
}
// Only when started, not when imported (a test imports the function above).
if (process.argv[1] && import.meta.url.endsWith('/start.mjs') && process.argv[1].endsWith('start.mjs')) {
  const { main } = await import('./main.mjs');
  await main(process.argv.slice(2));
}
