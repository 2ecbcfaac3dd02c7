/*
 * Runs a server in the foreground and owns every process that descends from it.
 *
 *   supervise PROGRAM ARGUMENT...
 *
 * As their subreaper it collects descendants whose parents are gone, so that their CPU time stays in this
 * process tree and none survives: on SIGTERM (also sent when the bench dies) or when PROGRAM ends, what
 * is left gets SIGTERM, and SIGKILL after a second. Ends with PROGRAM's status.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { GRACE_MS = 1000, STEP_MS = 10, GIVE_UP_MS = 50000 };

static volatile sig_atomic_t asked_to_stop;

static void on_signal(int signal_number) { asked_to_stop = signal_number; }

static int parent_of(int pid) {
  char path[64], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  FILE *file = fopen(path, "r");
  if (file == NULL) return -1;
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = '\0';
  char *after_name = strrchr(text, ')');
  int parent = -1;
  if (after_name != NULL) sscanf(after_name + 1, " %*c %d", &parent);
  return parent;
}

/* Grandchildren become children as their parents end, so a few calls reach all. */
static void signal_children(int signal_number) {
  DIR *proc = opendir("/proc");
  if (proc == NULL) return;
  for (struct dirent *entry; (entry = readdir(proc)) != NULL;) {
    int pid = atoi(entry->d_name);
    if (pid > 0 && parent_of(pid) == getpid()) kill(pid, signal_number);
  }
  closedir(proc);
}

/* Reaps the children that have ended. False when no child is left. */
static bool reap(int main_child, int *status, bool *main_ended) {
  for (;;) {
    int child_status;
    pid_t pid = waitpid(-1, &child_status, WNOHANG);
    if (pid < 0) return errno != ECHILD;
    if (pid == 0) return true;
    if (pid == main_child) {
      *status = child_status;
      *main_ended = true;
    }
  }
}

static void end_all(int main_child, int *status) {
  bool main_ended = false;
  struct timespec step = {.tv_nsec = STEP_MS * 1000000L};
  for (int waited_ms = 0; waited_ms < GIVE_UP_MS; waited_ms += STEP_MS) {
    if (!reap(main_child, status, &main_ended)) return;
    if (waited_ms % 500 == 0) signal_children(waited_ms < GRACE_MS ? SIGTERM : SIGKILL);
    nanosleep(&step, NULL);
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  signal(SIGINT, SIG_IGN); /* Ctrl-C is the bench's to handle */
  sigset_t watched, before;
  sigemptyset(&watched);
  sigaddset(&watched, SIGTERM);
  sigaddset(&watched, SIGCHLD);
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &watched, &before);
  pid_t child = fork();
  if (child == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    setsid();
    execvp(argv[1], argv + 1);
    fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
    _exit(127);
  }
  if (child < 0) return 1;
  int status = 0;
  bool main_ended = false;
  while (asked_to_stop == 0 && !main_ended && reap(child, &status, &main_ended)) {
    if (main_ended) break;
    int signal_number = sigwaitinfo(&watched, NULL);
    if (signal_number == SIGTERM) asked_to_stop = SIGTERM;
  }
  end_all(child, &status);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
