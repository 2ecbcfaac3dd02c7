/*
 * The measuring FTP client: as little work per byte and per command as a real client can do, so that
 * the server is what is measured. In C, because a Node client is busier than a fast server.
 *
 *   client transfers VERB DIRECTORY PREFIX SESSIONS COUNT SIZE_BYTES LIMIT_MS
 *   client commands VERB DIRECTORY PREFIX SESSIONS COUNT LIMIT_MS
 *   client list VERB DIRECTORY PREFIX REPEATS LIMIT_MS
 *   client logins SESSIONS COUNT LIMIT_MS
 *   client idle COUNT...
 *
 * The server is given by the environment: MYFTP_BENCH_PORT, _USER, _PASSWORD; always 127.0.0.1. With
 * MYFTP_BENCH_TLS_CIPHER and _TLS_GROUP sessions log in over AUTH TLS (RFC 4217), data connections are private
 * (PROT P) and resume their session's TLS session.
 *
 * Talk with the bench: the client prints `ready`, waits for a line, works, prints one line of JSON, and
 * waits for another line before it ends its sessions; so the bench can read the server's CPU time while
 * the processes that serve the sessions are still there. `idle` prints `ready` for each count.
 *
 * transfers: each session moves COUNT files named PREFIX0000, PREFIX0001, ... (for STOR the number is
 * unique over all sessions), each over a data connection of its own (PASV), until LIMIT_MS is over.
 * commands: the same for a command without a data connection, such as DELE; NOOP takes no name.
 * Any unexpected reply, wrong length or 30 s without progress ends the client with a message, status 1.
 */
#define _GNU_SOURCE
#include "connection.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
  TRANSFER_BUFFER_BYTES = 128 * 1024,
  MAX_SESSIONS = 2000,
  PASSIVE_ATTEMPTS = 4,
};

static int server_port;
static const char *user;
static const char *password;
static bool over_tls;

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void say_ready(void) {
  puts("ready");
  fflush(stdout);
}

/* End of input means that the bench is gone. */
static void wait_for_line(void) {
  char line[16];
  if (fgets(line, sizeof line, stdin) == NULL) _exit(1);
}

/* ---- sessions ---- */

/* A control connection; what was read beyond the last line stays in `pending`. */
struct session {
  struct connection control;
  size_t pending;
  char buffer[8192];
  char line[8192];
};

static void read_line(struct session *session) {
  for (;;) {
    char *end = memchr(session->buffer, '\n', session->pending);
    if (end != NULL) {
      size_t length = end - session->buffer + 1;
      memcpy(session->line, session->buffer, length);
      session->line[length - 1] = '\0';
      session->pending -= length;
      memmove(session->buffer, session->buffer + length, session->pending);
      return;
    }
    if (session->pending == sizeof session->buffer) fail("a reply line is too long");
    size_t received = receive_bytes(&session->control, session->buffer + session->pending,
                                    sizeof session->buffer - session->pending);
    if (received == 0) fail("the server closed the control connection");
    session->pending += received;
  }
}

/* Reads a reply of one or more lines (RFC 959 section 4.2); the last one stays in `line`. */
static int read_reply(struct session *session) {
  read_line(session);
  int code = atoi(session->line);
  if (session->line[3] != '-') return code;
  do read_line(session);
  while (atoi(session->line) != code || session->line[3] != ' ');
  return code;
}

/* `expected` is the reply's class or its whole code. */
static void expect_reply(struct session *session, const char *what, int expected) {
  int code = read_reply(session);
  bool fine = expected < 10 ? code / 100 == expected : code == expected;
  if (!fine) fail("%s: %s", what, session->line);
}

__attribute__((format(printf, 2, 3)))
static void send_command(struct session *session, const char *format, ...) {
  char command[1024];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(command, sizeof command - 2, format, arguments);
  va_end(arguments);
  memcpy(command + length, "\r\n", 2);
  send_bytes(&session->control, command, length + 2);
}

static void start_tls(struct session *session) {
  send_command(session, "AUTH TLS");
  expect_reply(session, "AUTH TLS", 234);
  if (session->pending > 0) fail("AUTH TLS: more than a reply came in clear");
  secure_connection(&session->control, NULL);
}

static void log_in(struct session *session) {
  open_connection(&session->control, server_port);
  session->pending = 0;
  expect_reply(session, "greeting", 220);
  if (over_tls) start_tls(session);
  send_command(session, "USER %s", user);
  int code = read_reply(session);
  if (code == 230) return;
  if (code != 331) fail("USER: %s", session->line);
  send_command(session, "PASS %s", password);
  expect_reply(session, "PASS", 230);
}

static void log_out(struct session *session) {
  send_command(session, "QUIT");
  expect_reply(session, "QUIT", 2);
  leave_connection(&session->control);
}

/* Asks for private data connections where the control connection is private. */
static void protect_data(struct session *session) {
  if (!over_tls) return;
  send_command(session, "PBSZ 0");
  expect_reply(session, "PBSZ", 200);
  send_command(session, "PROT P");
  expect_reply(session, "PROT", 200);
}

/* A server may find its port taken; like any client we then ask again. */
static void open_data_connection(struct session *session, struct connection *data) {
  int code = 0;
  for (int attempt = 0; attempt < PASSIVE_ATTEMPTS && code != 227; attempt++) {
    send_command(session, "PASV");
    code = read_reply(session);
    if (code != 227 && code != 425) break;
  }
  if (code != 227) fail("PASV: %s", session->line);
  const char *address = strchr(session->line, '(');
  int high, low;
  if (address == NULL || sscanf(address, "(%*d,%*d,%*d,%*d,%d,%d)", &high, &low) != 2)
    fail("PASV: %s", session->line);
  open_connection(data, high * 256 + low);
}

/* The server makes its side of the handshake after its first reply to the transfer. */
static void secure_data_connection(struct session *session, struct connection *data) {
  if (over_tls) secure_connection(data, &session->control);
}

/* ---- transfers and commands ---- */

struct worker;

struct plan {
  void (*run_one)(struct worker *, int number);
  const char *verb;
  const char *directory;
  const char *prefix;
  int sessions;
  int count;
  int64_t size_bytes;
  double limit_seconds;
};

static bool is_verb(const struct plan *plan, const char *verb) {
  return strcmp(plan->verb, verb) == 0;
}

struct worker {
  pthread_t thread;
  const struct plan *plan;
  int number;
  struct session session;
  int files;
  int64_t bytes;
  char *buffer;
};

static pthread_barrier_t barrier;
static double started_seconds;

static int64_t receive_file(struct connection *data, char *buffer) {
  int64_t total = 0;
  for (;;) {
    size_t received = receive_bytes(data, buffer, TRANSFER_BUFFER_BYTES);
    if (received == 0) return total;
    total += received;
  }
}

static int64_t send_file(struct connection *data, const char *buffer, int64_t size_bytes) {
  for (int64_t left = size_bytes; left > 0;) {
    int64_t length = left < TRANSFER_BUFFER_BYTES ? left : TRANSFER_BUFFER_BYTES;
    send_bytes(data, buffer, length);
    left -= length;
  }
  return size_bytes;
}

static void transfer_one(struct worker *worker, int index) {
  const struct plan *plan = worker->plan;
  const char *verb = plan->verb;
  struct connection data;
  open_data_connection(&worker->session, &data);
  send_command(&worker->session, "%s %s%04d", verb, plan->prefix, index);
  expect_reply(&worker->session, verb, 1);
  secure_data_connection(&worker->session, &data);
  int64_t bytes = is_verb(plan, "STOR") ? send_file(&data, worker->buffer, plan->size_bytes)
                                        : receive_file(&data, worker->buffer);
  finish_connection(&data);
  expect_reply(&worker->session, verb, 226);
  if (bytes != plan->size_bytes) fail("%s: %ld bytes instead of %ld", verb, bytes, plan->size_bytes);
  worker->files += 1;
  worker->bytes += bytes;
}

static void command_one(struct worker *worker, int index) {
  const struct plan *plan = worker->plan;
  if (is_verb(plan, "NOOP")) send_command(&worker->session, "NOOP");
  else send_command(&worker->session, "%s %s%04d", plan->verb, plan->prefix, index);
  expect_reply(&worker->session, plan->verb, 2);
  worker->files += 1;
}

static void *run_worker(void *argument) {
  struct worker *worker = argument;
  const struct plan *plan = worker->plan;
  worker->buffer = malloc(TRANSFER_BUFFER_BYTES);
  memset(worker->buffer, 'm', TRANSFER_BUFFER_BYTES);
  log_in(&worker->session);
  protect_data(&worker->session);
  send_command(&worker->session, "TYPE I");
  expect_reply(&worker->session, "TYPE", 200);
  send_command(&worker->session, "CWD %s", plan->directory);
  expect_reply(&worker->session, "CWD", 250);
  pthread_barrier_wait(&barrier); /* all are logged in */
  pthread_barrier_wait(&barrier); /* the clock runs */
  /* Downloads and SIZE share files. */
  int first = is_verb(plan, "RETR") || is_verb(plan, "SIZE") ? 0 : worker->number * plan->count;
  for (int i = 0; i < plan->count; i++) {
    if (now_seconds() - started_seconds > plan->limit_seconds) break;
    plan->run_one(worker, first + i);
  }
  pthread_barrier_wait(&barrier); /* all are done */
  pthread_barrier_wait(&barrier); /* the bench has seen the result */
  log_out(&worker->session);
  return NULL;
}

static void run_plan(const struct plan *plan) {
  struct worker *workers = calloc(plan->sessions, sizeof *workers);
  pthread_barrier_init(&barrier, NULL, plan->sessions + 1);
  for (int i = 0; i < plan->sessions; i++) {
    workers[i].plan = plan;
    workers[i].number = i;
    if (pthread_create(&workers[i].thread, NULL, run_worker, &workers[i]) != 0) fail("no thread");
  }
  pthread_barrier_wait(&barrier);
  say_ready();
  wait_for_line();
  started_seconds = now_seconds();
  pthread_barrier_wait(&barrier);
  pthread_barrier_wait(&barrier);
  double seconds = now_seconds() - started_seconds;
  int files = 0;
  int64_t bytes = 0;
  for (int i = 0; i < plan->sessions; i++) {
    files += workers[i].files;
    bytes += workers[i].bytes;
  }
  printf("{\"seconds\":%.6f,\"files\":%d,\"bytes\":%ld}\n", seconds, files, bytes);
  fflush(stdout);
  wait_for_line();
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < plan->sessions; i++) pthread_join(workers[i].thread, NULL);
}

/* ---- listings ---- */

enum { LISTING_BUFFER_BYTES = 16 * 1024 * 1024 };

static size_t receive_listing(struct connection *data, char *buffer) {
  size_t total = 0;
  for (;;) {
    size_t received = receive_bytes(data, buffer + total, LISTING_BUFFER_BYTES - total);
    if (received == 0) return total;
    total += received;
    if (total == LISTING_BUFFER_BYTES) fail("the listing is too long");
  }
}

static int count_occurrences(const char *text, size_t length, const char *wanted) {
  int count = 0;
  size_t wanted_length = strlen(wanted);
  const char *end = text + length;
  for (const char *at = text; (at = memmem(at, end - at, wanted, wanted_length)) != NULL; count++)
    at += wanted_length;
  return count;
}

static int compare_doubles(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

/* The verb is asked for in TYPE A, as clients do; every listing must hold as many entries as the last. */
static void run_list(const char *verb, const char *directory, const char *prefix, int repeats,
                     double limit_seconds) {
  struct session session;
  log_in(&session);
  protect_data(&session);
  send_command(&session, "TYPE A");
  expect_reply(&session, "TYPE", 200);
  send_command(&session, "CWD %s", directory);
  expect_reply(&session, "CWD", 250);
  char *buffer = malloc(LISTING_BUFFER_BYTES);
  memset(buffer, 0, LISTING_BUFFER_BYTES);
  double *seconds = calloc(repeats, sizeof *seconds);
  say_ready();
  wait_for_line();
  int done = 0, entries = -1;
  size_t bytes = 0;
  bool supported = true;
  double started = now_seconds();
  for (int i = 0; i < repeats && now_seconds() - started < limit_seconds; i++) {
    double began = now_seconds();
    struct connection data;
    open_data_connection(&session, &data);
    send_command(&session, "%s", verb);
    int code = read_reply(&session);
    if (code / 100 == 5) {
      supported = false;
      leave_connection(&data);
      break;
    }
    if (code / 100 != 1) fail("%s: %s", verb, session.line);
    secure_data_connection(&session, &data);
    bytes = receive_listing(&data, buffer);
    finish_connection(&data);
    expect_reply(&session, verb, 226);
    seconds[done++] = now_seconds() - began;
    int found = count_occurrences(buffer, bytes, prefix);
    if (entries >= 0 && found != entries) fail("%s: %d entries, then %d", verb, entries, found);
    entries = found;
  }
  qsort(seconds, done, sizeof *seconds, compare_doubles);
  printf("{\"supported\":%s,\"listings\":%d,\"entries\":%d,\"bytes\":%zu,\"medianSeconds\":%.6f}\n",
         supported ? "true" : "false", done, entries, bytes, done > 0 ? seconds[done / 2] : 0.0);
  fflush(stdout);
  wait_for_line();
  log_out(&session);
}

/* ---- logins ---- */

struct login_worker {
  pthread_t thread;
  int count;
  int done;
  double limit_seconds;
};

static void *run_login_worker(void *argument) {
  struct login_worker *worker = argument;
  struct session session;
  pthread_barrier_wait(&barrier);
  while (worker->done < worker->count &&
         now_seconds() - started_seconds < worker->limit_seconds) {
    log_in(&session);
    log_out(&session);
    worker->done += 1;
  }
  return NULL;
}

static void run_logins(int sessions, int count, double limit_seconds) {
  struct login_worker *workers = calloc(sessions, sizeof *workers);
  pthread_barrier_init(&barrier, NULL, sessions + 1);
  say_ready();
  wait_for_line();
  for (int i = 0; i < sessions; i++) {
    workers[i].count = count / sessions;
    workers[i].limit_seconds = limit_seconds;
    if (pthread_create(&workers[i].thread, NULL, run_login_worker, &workers[i]) != 0)
      fail("no thread");
  }
  started_seconds = now_seconds();
  pthread_barrier_wait(&barrier);
  int logins = 0;
  for (int i = 0; i < sessions; i++) {
    pthread_join(workers[i].thread, NULL);
    logins += workers[i].done;
  }
  printf("{\"seconds\":%.6f,\"logins\":%d}\n", now_seconds() - started_seconds, logins);
  fflush(stdout);
  wait_for_line();
}

/* ---- idle sessions ---- */

enum { OPENERS = 8 };

static struct session *idle_sessions;
static atomic_int next_idle;
static int wanted_idle;

static void *open_idle_sessions(void *unused) {
  (void)unused;
  for (int i; (i = atomic_fetch_add(&next_idle, 1)) < wanted_idle;) log_in(&idle_sessions[i]);
  return NULL;
}

/* Several at a time: some servers keep each new client waiting. */
static void open_until(int wanted) {
  pthread_t openers[OPENERS];
  wanted_idle = wanted;
  for (int i = 0; i < OPENERS; i++)
    if (pthread_create(&openers[i], NULL, open_idle_sessions, NULL) != 0) fail("no thread");
  for (int i = 0; i < OPENERS; i++) pthread_join(openers[i], NULL);
  atomic_store(&next_idle, wanted);
}

static void run_idle(char **counts, int steps) {
  idle_sessions = calloc(MAX_SESSIONS, sizeof *idle_sessions);
  int open = 0;
  for (int i = 0; i < steps; i++) {
    open = atoi(counts[i]);
    if (open > MAX_SESSIONS) fail("at most %d sessions", MAX_SESSIONS);
    open_until(open);
    say_ready();
    wait_for_line();
  }
  printf("{\"sessions\":%d}\n", open);
  fflush(stdout);
  wait_for_line();
  for (int i = 0; i < open; i++) leave_connection(&idle_sessions[i].control);
}

static void raise_descriptor_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

static const char *setting(const char *name) {
  const char *value = getenv(name);
  if (value == NULL) fail("%s is not set", name);
  return value;
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* no traffic without the bench */
  signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  server_port = atoi(setting("MYFTP_BENCH_PORT"));
  user = setting("MYFTP_BENCH_USER");
  password = setting("MYFTP_BENCH_PASSWORD");
  const char *cipher = getenv("MYFTP_BENCH_TLS_CIPHER");
  over_tls = cipher != NULL;
  if (over_tls) prepare_tls(cipher, setting("MYFTP_BENCH_TLS_GROUP"));
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "transfers") == 0 && argc == 9) {
    struct plan plan = {
        .run_one = transfer_one,
        .verb = argv[2],
        .directory = argv[3],
        .prefix = argv[4],
        .sessions = atoi(argv[5]),
        .count = atoi(argv[6]),
        .size_bytes = atoll(argv[7]),
        .limit_seconds = atoi(argv[8]) / 1000.0,
    };
    run_plan(&plan);
  } else if (strcmp(what, "commands") == 0 && argc == 8) {
    struct plan plan = {
        .run_one = command_one,
        .verb = argv[2],
        .directory = argv[3],
        .prefix = argv[4],
        .sessions = atoi(argv[5]),
        .count = atoi(argv[6]),
        .limit_seconds = atoi(argv[7]) / 1000.0,
    };
    run_plan(&plan);
  } else if (strcmp(what, "list") == 0 && argc == 7) {
    run_list(argv[2], argv[3], argv[4], atoi(argv[5]), atoi(argv[6]) / 1000.0);
  } else if (strcmp(what, "logins") == 0 && argc == 5) {
    run_logins(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]) / 1000.0);
  } else if (strcmp(what, "idle") == 0 && argc > 2) {
    run_idle(argv + 2, argc - 2);
  } else {
    fail("usage: see the head of client.c");
  }
  return 0;
}
