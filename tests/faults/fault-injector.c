/*
 * Preloaded into a process, makes its calls of the file system fail, wait or be its last. It heeds FAULT_ROOT, the
 * directory below which faults happen, and FAULT_CONTROL, a file that is read anew whenever it has changed:
 *
 *     <call> <what happens> [<calls that go well before>]
 *
 * A call is write, open, rename, link, unlink, mkdir, rmdir, truncate, sync or any; Node closes files out of reach.
 * What happens is an errno (EIO, ENOSPC, EDQUOT, EACCES), die-before, die-after, or slow-<milliseconds>. Another line,
 * clock <seconds>, moves the clock of the process.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define MAX_RULES 16

struct rule {
	char call[16];
	int error;
	int slow_ms;
	int dies_before, dies_after;
	long passes;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct rule rules[MAX_RULES];
static int rule_count;
static long clock_seconds;
static struct timespec control_time;
static ino_t control_inode;
static __thread int inside;

#define REAL(name) \
	static __typeof__(&name) real; \
	if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

static int error_number(const char *name)
{
	if (!strcmp(name, "EIO")) return EIO;
	if (!strcmp(name, "ENOSPC")) return ENOSPC;
	if (!strcmp(name, "EDQUOT")) return EDQUOT;
	if (!strcmp(name, "EACCES")) return EACCES;
	return 0;
}

static void read_rules(const char *path)
{
	char call[16], what[32], line[128];
	FILE *file = fopen(path, "r");
	rule_count = 0;
	clock_seconds = 0;
	if (!file) return;
	while (rule_count < MAX_RULES && fgets(line, sizeof line, file)) {
		long number = 0;
		if (sscanf(line, "%15s %31s %ld", call, what, &number) < 2) continue;
		if (!strcmp(call, "clock")) {
			clock_seconds = atol(what);
			continue;
		}
		struct rule *rule = &rules[rule_count++];
		memset(rule, 0, sizeof *rule);
		strcpy(rule->call, call);
		rule->error = error_number(what);
		rule->dies_before = !strcmp(what, "die-before");
		rule->dies_after = !strcmp(what, "die-after");
		if (!strncmp(what, "slow-", 5)) rule->slow_ms = atoi(what + 5);
		rule->passes = number;
	}
	fclose(file);
}

static void look_at_control(void)
{
	const char *path = getenv("FAULT_CONTROL");
	struct stat now;
	if (!path || stat(path, &now)) return;
	if (now.st_ino == control_inode && now.st_mtim.tv_sec == control_time.tv_sec &&
	    now.st_mtim.tv_nsec == control_time.tv_nsec)
		return;
	control_inode = now.st_ino;
	control_time = now.st_mtim;
	read_rules(path);
}

static int is_below(const char *path)
{
	const char *root = getenv("FAULT_ROOT");
	size_t length = root ? strlen(root) : 0;
	return length && !strncmp(path, root, length) && (path[length] == '/' || !path[length]);
}

static int descriptor_is_below(int descriptor)
{
	char link_name[64], target[PATH_MAX];
	snprintf(link_name, sizeof link_name, "/proc/self/fd/%d", descriptor);
	ssize_t length = readlink(link_name, target, sizeof target - 1);
	if (length < 0) return 0;
	target[length] = 0;
	return is_below(target);
}

/* Names may be given by way of a directory's descriptor. */
static int name_is_below(const char *path)
{
	int descriptor;
	if (sscanf(path, "/proc/self/fd/%d", &descriptor) == 1) return descriptor_is_below(descriptor);
	return is_below(path);
}

/* What is to happen at this call; its rule has no error if nothing is. */
static struct rule take(const char *call)
{
	struct rule found = { .error = 0 };
	pthread_mutex_lock(&lock);
	look_at_control();
	for (int at = 0; at < rule_count; at++) {
		struct rule *rule = &rules[at];
		if (strcmp(rule->call, call) && strcmp(rule->call, "any")) continue;
		if (rule->passes-- > 0) continue;
		found = *rule;
		break;
	}
	pthread_mutex_unlock(&lock);
	return found;
}

static void before(const struct rule *rule)
{
	if (rule->slow_ms) usleep(rule->slow_ms * 1000);
	if (rule->dies_before) kill(getpid(), SIGKILL);
}

static void after(const struct rule *rule)
{
	if (rule->dies_after) kill(getpid(), SIGKILL);
}

/* Runs a call unless it is to fail; `concerned` says whether it is below the root. */
#define FAULTY(type, call, concerned, perform) \
	do { \
		if (inside) return perform; \
		inside = 1; \
		struct rule rule = { .error = 0 }; \
		int saved = errno; \
		if (concerned) rule = take(call); \
		errno = saved; \
		before(&rule); \
		type result = -1; \
		if (rule.error) errno = rule.error; \
		else result = perform; \
		saved = errno; \
		after(&rule); \
		inside = 0; \
		errno = saved; \
		return result; \
	} while (0)

ssize_t write(int fd, const void *octets, size_t count)
{
	REAL(write);
	FAULTY(ssize_t, "write", descriptor_is_below(fd), real(fd, octets, count));
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	REAL(writev);
	FAULTY(ssize_t, "write", descriptor_is_below(fd), real(fd, parts, count));
}

ssize_t pwrite(int fd, const void *octets, size_t count, off_t offset)
{
	REAL(pwrite);
	FAULTY(ssize_t, "write", descriptor_is_below(fd), real(fd, octets, count, offset));
}

ssize_t pwrite64(int fd, const void *octets, size_t count, off64_t offset)
{
	REAL(pwrite64);
	FAULTY(ssize_t, "write", descriptor_is_below(fd), real(fd, octets, count, offset));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t offset)
{
	REAL(pwritev64);
	FAULTY(ssize_t, "write", descriptor_is_below(fd), real(fd, parts, count, offset));
}

static mode_t mode_of(int flags, va_list rest)
{
	return flags & (O_CREAT | O_TMPFILE) ? va_arg(rest, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
	REAL(open);
	va_list rest;
	va_start(rest, flags);
	mode_t mode = mode_of(flags, rest);
	va_end(rest);
	FAULTY(int, "open", name_is_below(path), real(path, flags, mode));
}

int open64(const char *path, int flags, ...)
{
	REAL(open64);
	va_list rest;
	va_start(rest, flags);
	mode_t mode = mode_of(flags, rest);
	va_end(rest);
	FAULTY(int, "open", name_is_below(path), real(path, flags, mode));
}

int rename(const char *from, const char *to)
{
	REAL(rename);
	FAULTY(int, "rename", name_is_below(from) || name_is_below(to), real(from, to));
}

int link(const char *from, const char *to)
{
	REAL(link);
	FAULTY(int, "link", name_is_below(from) || name_is_below(to), real(from, to));
}

int unlink(const char *path)
{
	REAL(unlink);
	FAULTY(int, "unlink", name_is_below(path), real(path));
}

int mkdir(const char *path, mode_t mode)
{
	REAL(mkdir);
	FAULTY(int, "mkdir", name_is_below(path), real(path, mode));
}

int rmdir(const char *path)
{
	REAL(rmdir);
	FAULTY(int, "rmdir", name_is_below(path), real(path));
}

int ftruncate(int fd, off_t length)
{
	REAL(ftruncate);
	FAULTY(int, "truncate", descriptor_is_below(fd), real(fd, length));
}

int ftruncate64(int fd, off64_t length)
{
	REAL(ftruncate64);
	FAULTY(int, "truncate", descriptor_is_below(fd), real(fd, length));
}

int fsync(int fd)
{
	REAL(fsync);
	FAULTY(int, "sync", descriptor_is_below(fd), real(fd));
}

int fdatasync(int fd)
{
	REAL(fdatasync);
	FAULTY(int, "sync", descriptor_is_below(fd), real(fd));
}

static long moved_seconds(void)
{
	if (inside) return 0;
	inside = 1;
	int saved = errno;
	pthread_mutex_lock(&lock);
	look_at_control();
	long seconds = clock_seconds;
	pthread_mutex_unlock(&lock);
	errno = saved;
	inside = 0;
	return seconds;
}

int clock_gettime(clockid_t id, struct timespec *now)
{
	REAL(clock_gettime);
	int result = real(id, now);
	if (!result && id == CLOCK_REALTIME) now->tv_sec += moved_seconds();
	return result;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
	REAL(gettimeofday);
	int result = real(now, zone);
	if (!result) now->tv_sec += moved_seconds();
	return result;
}
