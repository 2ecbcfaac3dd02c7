/*
 * One TCP connection to the server, in clear or under TLS; always 127.0.0.1.
 *
 * Whatever goes wrong, 30 s without progress and an end without close_notify (RFC 8446 section 6.1) among it, ends
 * the program with a message, status 1. Without WITH_TLS there is only the clear.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* `tls` is OpenSSL's SSL, or NULL in clear. */
struct connection {
  int fd;
  void *tls;
};

__attribute__((format(printf, 1, 2), noreturn)) void fail(const char *format, ...);

/* Must come before the first handshake. `cipher` is a name of TLS 1.2, `group` a curve. */
void prepare_tls(const char *cipher, const char *group);

void open_connection(struct connection *connection, int port);

/* Makes the client's handshake. With `resumed` it resumes that connection's session, and nothing else will do. */
void secure_connection(struct connection *connection, const struct connection *resumed);

void send_bytes(struct connection *connection, const char *bytes, size_t length);

/* 0 at the end. */
size_t receive_bytes(struct connection *connection, char *bytes, size_t capacity);

/* Under TLS with close_notify, and not before the server's has come. */
void finish_connection(struct connection *connection);

/* Under TLS with close_notify, without waiting for the server's. */
void leave_connection(struct connection *connection);
