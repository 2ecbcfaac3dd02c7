#define _GNU_SOURCE
#include "connection.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#endif

enum { PROGRESS_TIMEOUT_SECONDS = 30 };

void fail(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  _exit(1);
}

void open_connection(struct connection *connection, int port) {
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) fail("socket: %s", strerror(errno));
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct timeval timeout = {.tv_sec = PROGRESS_TIMEOUT_SECONDS};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
    fail("connect to port %d: %s", port, strerror(errno));
  *connection = (struct connection){.fd = fd};
}

/* ---- TLS ---- */

#ifdef WITH_TLS

/* Several records per system call, as good clients read. */
enum { READ_AHEAD_BYTES = 128 * 1024 };

static SSL_CTX *context;

__attribute__((noreturn)) static void fail_tls(const char *what, SSL *tls, int result) {
  int error = SSL_get_error(tls, result);
  const char *reason = error == SSL_ERROR_SSL ? ERR_reason_error_string(ERR_peek_last_error())
                                              : strerror(errno);
  fail("TLS %s: %s", what, reason == NULL ? "failed" : reason);
}

/* TLS 1.2: with 1.3 the session to resume is a ticket that comes whenever the server sends it. */
void prepare_tls(const char *cipher, const char *group) {
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD_BYTES);
  if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
      !SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION) ||
      !SSL_CTX_set_cipher_list(context, cipher) || !SSL_CTX_set1_groups_list(context, group))
    fail("OpenSSL does not know %s or %s", cipher, group);
}

void secure_connection(struct connection *connection, const struct connection *resumed) {
  SSL *tls = SSL_new(context);
  if (tls == NULL || !SSL_set_fd(tls, connection->fd)) fail("no TLS connection");
  if (resumed != NULL) {
    SSL_SESSION *session = SSL_get1_session(resumed->tls);
    SSL_set_session(tls, session);
    SSL_SESSION_free(session);
  }
  int result = SSL_connect(tls);
  if (result != 1) fail_tls("handshake", tls, result);
  if (resumed != NULL && !SSL_session_reused(tls)) fail("TLS: the session was not resumed");
  connection->tls = tls;
}

static void send_records(SSL *tls, const char *bytes, size_t length) {
  size_t written;
  int result = SSL_write_ex(tls, bytes, length, &written);
  if (result != 1) fail_tls("write", tls, result);
}

static size_t receive_records(SSL *tls, char *bytes, size_t capacity) {
  size_t received;
  int result = SSL_read_ex(tls, bytes, capacity, &received);
  if (result == 1) return received;
  if (SSL_get_error(tls, result) == SSL_ERROR_ZERO_RETURN) return 0;
  fail_tls("read", tls, result);
}

/* A server that has already closed for good need not hear it. */
static void notify_of_end(SSL *tls) {
  if (SSL_shutdown(tls) < 0) ERR_clear_error();
}

static void await_end(SSL *tls) {
  char byte;
  if ((SSL_get_shutdown(tls) & SSL_RECEIVED_SHUTDOWN) == 0 && receive_records(tls, &byte, 1) != 0)
    fail("TLS: the server sent what was not asked for");
}

static void free_tls(SSL *tls) { SSL_free(tls); }

#else

void prepare_tls(const char *cipher, const char *group) {
  (void)cipher, (void)group;
  fail("the client was compiled without OpenSSL");
}

void secure_connection(struct connection *connection, const struct connection *resumed) {
  (void)connection, (void)resumed;
}

static void send_records(void *tls, const char *bytes, size_t length) {
  (void)tls, (void)bytes, (void)length;
}

static size_t receive_records(void *tls, char *bytes, size_t capacity) {
  (void)tls, (void)bytes, (void)capacity;
  return 0;
}

static void notify_of_end(void *tls) { (void)tls; }
static void await_end(void *tls) { (void)tls; }
static void free_tls(void *tls) { (void)tls; }

#endif

/* ---- both ---- */

void send_bytes(struct connection *connection, const char *bytes, size_t length) {
  if (connection->tls != NULL) {
    send_records(connection->tls, bytes, length);
    return;
  }
  while (length > 0) {
    ssize_t sent = send(connection->fd, bytes, length, MSG_NOSIGNAL);
    if (sent < 0) fail("send: %s", strerror(errno));
    bytes += sent;
    length -= sent;
  }
}

size_t receive_bytes(struct connection *connection, char *bytes, size_t capacity) {
  if (connection->tls != NULL) return receive_records(connection->tls, bytes, capacity);
  ssize_t received = recv(connection->fd, bytes, capacity, 0);
  if (received < 0) fail("receive: %s", strerror(errno));
  return received;
}

void finish_connection(struct connection *connection) {
  if (connection->tls != NULL) {
    notify_of_end(connection->tls);
    await_end(connection->tls);
    free_tls(connection->tls);
  }
  close(connection->fd);
}

void leave_connection(struct connection *connection) {
  if (connection->tls != NULL) {
    notify_of_end(connection->tls);
    free_tls(connection->tls);
  }
  close(connection->fd);
}
