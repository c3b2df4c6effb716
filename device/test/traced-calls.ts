/** Why a system call, as strace wrote it, reaches beyond this machine or the folders that are ours; undefined where it does not. */
export function whyBeyond(line: string, folders: readonly string[]): string | undefined {
  const [, call, args] = /^\d+ +(\w+)\((.*)$/.exec(line) ?? [];
  if (call === undefined || args === undefined) return undefined;
  if (['bind', 'connect', 'sendto', 'sendmsg', 'sendmmsg'].includes(call)) return whyNoNeighbour(call, args);
  if (call.startsWith('open') && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args)) return undefined;
  const beyond = pathsOf(args).find((path) => !isOurs(path, folders));
  return beyond && `writes ${beyond} (${call})`;
}

/** Name services that only pass on what this machine's files say; all others may ask the network. */
const localSockets = ['/var/run/nscd/socket'];

function whyNoNeighbour(call: string, args: string): string | undefined {
  const socket = /sun_path="([^"]+)"/.exec(args)?.[1];
  if (socket !== undefined) return localSockets.includes(socket) ? undefined : `speaks to ${socket} (${call})`;
  const address = /inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"/.exec(args);
  const host = address?.[1] ?? address?.[2];
  const port = /port=htons\((\d+)\)/.exec(args)?.[1];
  if (host === undefined) return undefined;
  if (port === '53') return `looks up a name (${call} ${host} port 53)`;
  return /^(127\.|::1$)/.test(host) ? undefined : `speaks to ${host} port ${port} (${call})`;
}

/** Paths among the arguments, made absolute by the folder that strace names for a descriptor: `AT_FDCWD</here>, "file"`. */
function pathsOf(args: string): string[] {
  return [...args.matchAll(/(?:<([^>]*)>, )?"((?:[^"\\]|\\.)*)"/g)].map(([, folder = '', path = '']) =>
    path.startsWith('/') ? path : `${folder}/${path}`,
  );
}

function isOurs(path: string, folders: readonly string[]): boolean {
  // The score by which the kernel chooses what it ends (core/oom-score.ts) goes with its process.
  const own = /^(\/proc\/self\/.*|\/proc\/\d+\/oom_score_adj|\/dev\/(null|tty))$/.test(path);
  return own || folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}
