/** Variables that are meant for the daemon alone: its settings with their secrets, and what systemd tells the main process. */
const ofDaemon =
  /^(MIEN_|LISTEN_|WATCHDOG_|MEMORY_PRESSURE_|(NOTIFY_SOCKET|CREDENTIALS_DIRECTORY|INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID)$)/;

/** The environment for a child process: without variables that are meant for the daemon alone. */
export function childEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ofDaemon.test(name)));
}
