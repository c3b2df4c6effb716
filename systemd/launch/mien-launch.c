// mien-launch PROGRAM [ARGUMENT...]: passes systemd's notification socket to a program that cannot open one by itself.
// Connects to $NOTIFY_SOCKET as descriptor 3, as OpenFile=/run/systemd/notify:notify does from systemd 253 on, then becomes the
// program. Without $NOTIFY_SOCKET it only becomes the program. Exit codes are those of sysexits.h.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sysexits.h>
#include <unistd.h>

enum { passed = 3 };

static int fail(const char *what, int code) {
  perror(what);
  return code;
}

int main(int argc, char **argv) {
  if (argc < 2) {
    fputs("mien-launch: expected a program and its arguments, got nothing\n", stderr);
    return EX_USAGE;
  }
  const char *path = getenv("NOTIFY_SOCKET");
  if (path && *path) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof to.sun_path) {
      fprintf(stderr, "mien-launch: NOTIFY_SOCKET: expected a path of at most %zu bytes, got %zu\n", sizeof to.sun_path - 1, length);
      return EX_CONFIG;
    }
    memcpy(to.sun_path, path, length);
    if (*path == '@') to.sun_path[0] = 0;  // An abstract name.
    // A full queue must not stop the daemon: it sends again later.
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, offsetof(struct sockaddr_un, sun_path) + length) < 0)
      return fail("mien-launch: NOTIFY_SOCKET", EX_OSERR);
    if (fd != passed && (dup2(fd, passed) < 0 || close(fd) < 0)) return fail("mien-launch: dup2", EX_OSERR);
    char pid[24];
    snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (setenv("LISTEN_PID", pid, 1) || setenv("LISTEN_FDS", "1", 1) || setenv("LISTEN_FDNAMES", "notify", 1))
      return fail("mien-launch: setenv", EX_OSERR);
  }
  execv(argv[1], argv + 1);
  return fail(argv[1], EX_UNAVAILABLE);
}
