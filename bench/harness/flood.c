/*
 * Clients that ask for more than their share, and a bystander who is measured beside them.
 *
 *   flood PAYLOAD_FILE SESSIONS LIMIT_MS stranger|user reads|deaf
 *
 * Each of SESSIONS sends the payload over and over, as fast as it is taken, and reads the replies or, if it is
 * deaf, none. A `user` has logged in before. The bystander has logged in; it sends NOOP every 5 ms and measures
 * each reply from the moment at which NOOP was due, so a server that stands still counts for its whole length.
 *
 * Environment and conversation are those of `client.c`. The result is one line of JSON, in milliseconds.
 */
#define _GNU_SOURCE
#include "connection.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_SESSIONS = 2000,
  MAX_PINGS = 100000,
  PAYLOAD_BYTES = 256 * 1024,
};

static const double PING_SECONDS = 0.005;
static const int FLOOD_NICENESS = 10;

static int server_port;
static char payload[PAYLOAD_BYTES];
static size_t payload_bytes;
static double limit_seconds;
static double started_seconds;
static double latencies[MAX_PINGS];
static int pings;

static double now_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static const char *setting(const char *name) {
  const char *value = getenv(name);
  if (value == NULL) fail("%s is not set", name);
  return value;
}

static void say_ready(void) {
  puts("ready");
  fflush(stdout);
}

static void wait_for_line(void) {
  char line[16];
  if (fgets(line, sizeof line, stdin) == NULL) _exit(1);
}

/* ---- sessions ---- */

/* Reads one reply, octet by octet: only logins and the bystander come here. */
static int read_reply(struct connection *control) {
  char line[4096];
  for (;;) {
    size_t length = 0;
    do {
      if (receive_bytes(control, line + length, 1) == 0) return -1;
    } while (line[length] != '\n' && ++length < sizeof line);
    if (length > 3 && line[3] == ' ') return atoi(line);
  }
}

static int command(struct connection *control, const char *verb, const char *argument) {
  char line[1024];
  int length = snprintf(line, sizeof line, "%s%s%s\r\n", verb, *argument ? " " : "", argument);
  send_bytes(control, line, length);
  return read_reply(control);
}

static void open_session(struct connection *control, bool is_user) {
  open_connection(control, server_port);
  if (read_reply(control) != 220) fail("no greeting");
  if (!is_user || command(control, "USER", setting("MYFTP_BENCH_USER")) == 230) return;
  int code = command(control, "PASS", setting("MYFTP_BENCH_PASSWORD"));
  if (code != 230) fail("PASS: %d", code);
}

/* ---- the bystander ---- */

static void sleep_until(double seconds) {
  struct timespec moment = {.tv_sec = (time_t)seconds};
  moment.tv_nsec = (seconds - moment.tv_sec) * 1e9;
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &moment, NULL);
}

static void *ping(void *argument) {
  struct connection *control = argument;
  double due = started_seconds;
  while (due - started_seconds < limit_seconds && pings < MAX_PINGS) {
    sleep_until(due);
    if (command(control, "NOOP", "") != 200) fail("the bystander was turned away");
    latencies[pings++] = now_seconds() - due;
    due += PING_SECONDS;
  }
  return NULL;
}

static int by_size(const void *one, const void *other) {
  double difference = *(const double *)one - *(const double *)other;
  return (difference > 0) - (difference < 0);
}

static double percentile(double share) {
  int at = share * pings;
  return latencies[at < pings ? at : pings - 1] * 1000;
}

/* ---- the flood ---- */

struct attacker {
  struct connection control;
  size_t position;
};

static struct attacker attackers[MAX_SESSIONS];
static struct pollfd polls[MAX_SESSIONS];
static long long sent_bytes;
static long long received_bytes;

static void send_more(int i) {
  struct attacker *attacker = &attackers[i];
  ssize_t sent = send(polls[i].fd, payload + attacker->position, payload_bytes - attacker->position,
                      MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent < 0) return;
  attacker->position = (attacker->position + sent) % payload_bytes;
  sent_bytes += sent;
}

/* Whom the server turns away comes back. */
static void come_back(int i, bool is_user) {
  close(polls[i].fd);
  polls[i].fd = -1;
  if (is_user) return;
  open_connection(&attackers[i].control, server_port);
  attackers[i].position = 0;
  polls[i].fd = attackers[i].control.fd;
}

static void flood(int sessions, bool is_user, bool is_deaf) {
  static char buffer[256 * 1024];
  /* The flood stands for other machines: it must not take the processor from the bystander. */
  struct sched_param parameters = {.sched_priority = 0};
  sched_setscheduler(0, SCHED_BATCH, &parameters);
  setpriority(PRIO_PROCESS, syscall(SYS_gettid), FLOOD_NICENESS);
  for (int i = 0; i < sessions; i++) {
    polls[i].fd = attackers[i].control.fd;
    polls[i].events = is_deaf ? POLLOUT : POLLIN | POLLOUT;
  }
  while (now_seconds() - started_seconds < limit_seconds) {
    if (sessions == 0) sleep_until(started_seconds + limit_seconds);
    poll(polls, sessions, 10);
    for (int i = 0; i < sessions; i++) {
      if (polls[i].fd < 0) continue;
      bool is_over = (polls[i].revents & (POLLERR | POLLHUP)) != 0;
      if ((polls[i].revents & POLLIN) && !is_over) {
        ssize_t received = recv(polls[i].fd, buffer, sizeof buffer, MSG_DONTWAIT);
        if (received > 0) received_bytes += received;
        is_over = received == 0 || (received < 0 && errno != EAGAIN);
      }
      if (is_over) come_back(i, is_user);
      else if (polls[i].revents & POLLOUT) send_more(i);
    }
  }
}

static void read_payload(const char *path) {
  FILE *file = fopen(path, "r");
  if (file == NULL) fail("%s: %s", path, strerror(errno));
  payload_bytes = fread(payload, 1, sizeof payload, file);
  fclose(file);
  if (payload_bytes == 0) fail("the payload is empty");
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* no traffic without the bench */
  signal(SIGPIPE, SIG_IGN);
  if (argc != 6) fail("usage: see the head of flood.c");
  server_port = atoi(setting("MYFTP_BENCH_PORT"));
  read_payload(argv[1]);
  int sessions = atoi(argv[2]);
  if (sessions > MAX_SESSIONS) fail("at most %d sessions", MAX_SESSIONS);
  limit_seconds = atoi(argv[3]) / 1000.0;
  bool is_user = strcmp(argv[4], "user") == 0;
  struct connection bystander;
  open_session(&bystander, true);
  for (int i = 0; i < sessions; i++) open_session(&attackers[i].control, is_user);
  say_ready();
  wait_for_line();
  started_seconds = now_seconds();
  pthread_t pinger;
  if (pthread_create(&pinger, NULL, ping, &bystander) != 0) fail("no thread");
  flood(sessions, is_user, strcmp(argv[5], "deaf") == 0);
  /* The flood ends, so that a server that lags behind comes to the bystander at last. */
  for (int i = 0; i < sessions; i++)
    if (polls[i].fd >= 0) close(polls[i].fd);
  pthread_join(pinger, NULL);
  qsort(latencies, pings, sizeof *latencies, by_size);
  printf("{\"pings\":%d,\"medianMs\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f,", pings, percentile(0.5),
         percentile(0.99), percentile(1));
  printf("\"sentBytes\":%lld,\"receivedBytes\":%lld}\n", sent_bytes, received_bytes);
  fflush(stdout);
  wait_for_line();
  return 0;
}
