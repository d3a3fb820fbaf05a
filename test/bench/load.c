// The load generator: any number of policy connections with one outstanding request each, as smtpd(8) makes them.
// load PORT CONNECTIONS WARMUP SECONDS REQUESTS HOW: requests from a file, each followed by an empty line. HOW is spin, to
// poll for answers without pause (so that the wake-up of an idle core is not measured), or wait.
// Prints one JSON object: requests/s, quantiles of the time to an answer in microseconds, its own share of a core.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 1000, SUB = 64, POWERS = 40, REPLY = 1024 };

struct connection { int fd; size_t got; uint64_t sent; char reply[REPLY]; };

static struct connection connections[MOST_CONNECTIONS];
static uint64_t histogram[POWERS * SUB], answers, all, rejects, longest, idle;
static char *requests, **starts;
static size_t count;

static void fail(const char *what) { fprintf(stderr, "load: %s: %s\n", what, strerror(errno)); exit(1); }

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// 64 steps for each power of two: within 1.6 %.
static size_t slot_of(uint64_t ns) {
  if (ns < SUB) return ns;
  int power = 63 - __builtin_clzll(ns);
  return (size_t)(power - 5) * SUB + ((ns >> (power - 6)) & (SUB - 1));
}

static double micros_of(size_t slot) {
  if (slot < SUB) return (double)slot / 1000;
  return (double)((SUB + slot % SUB) << (slot / SUB - 1)) / 1000;
}

static double quantile(double share) {
  uint64_t rank = (uint64_t)(share * (double)answers), seen = 0;
  for (size_t slot = 0; slot < POWERS * SUB; slot++)
    if ((seen += histogram[slot]) > rank) return micros_of(slot);
  return (double)longest / 1000;
}

static void read_requests(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat facts;
  if (fd < 0 || fstat(fd, &facts) < 0) fail(path);
  requests = malloc((size_t)facts.st_size + 1);
  if (!requests || read(fd, requests, (size_t)facts.st_size) != facts.st_size) fail(path);
  requests[facts.st_size] = 0;
  starts = malloc(sizeof *starts * ((size_t)facts.st_size / 16 + 2));
  starts[0] = requests;
  for (char *at = requests; (at = strstr(at, "\n\n")); starts[++count] = at += 2) {}
  if (count == 0) { errno = EINVAL; fail(path); }
}

static void ask(struct connection *c) {
  static uint64_t seed = 88172645463325252u;
  seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
  size_t pick = seed % count;
  size_t length = (size_t)(starts[pick + 1] - starts[pick]);
  c->got = 0;
  c->sent = now();
  if (send(c->fd, starts[pick], length, MSG_NOSIGNAL) != (ssize_t)length) fail("send");
}

// Whether the whole answer has arrived.
static int answered(struct connection *c) {
  ssize_t got = recv(c->fd, c->reply + c->got, REPLY - c->got, 0);
  if (got < 0 && errno == EAGAIN) return 0;
  if (got <= 0) fail("the server closed the connection");
  c->got += (size_t)got;
  if (c->got < 2 || memcmp(c->reply + c->got - 2, "\n\n", 2) != 0) return 0;
  if (memcmp(c->reply, "action=", 7) != 0) { errno = EPROTO; fail("no answer of a policy server"); }
  return 1;
}

static void note(const struct connection *c) {
  uint64_t took = now() - c->sent;
  histogram[slot_of(took)]++;
  answers++;
  if (took > longest) longest = took;
  if (c->reply[7] == 'R') rejects++;
}

static void run(int poll, uint64_t until, int counting, int timeout) {
  struct epoll_event events[256];
  uint64_t asked;
  while ((asked = now()) < until) {
    int ready = epoll_wait(poll, events, 256, timeout);
    if (counting && (ready == 0 || timeout > 0)) idle += now() - asked;
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (!answered(c)) continue;
      all++;
      if (counting) note(c);
      ask(c);
    }
  }
}

static int connected(int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

int main(int argc, char **argv) {
  if (argc != 7 || atoi(argv[2]) < 1 || atoi(argv[2]) > MOST_CONNECTIONS) return 64;
  int wanted = atoi(argv[2]), poll = epoll_create1(0);
  int timeout = strcmp(argv[6], "spin") == 0 ? 0 : 100;
  double seconds = atof(argv[4]);
  read_requests(argv[5]);
  for (int i = 0; i < wanted; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
    connections[i].fd = connected(atoi(argv[1]));
    epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].fd, &event);
    ask(&connections[i]);
  }
  run(poll, now() + (uint64_t)(atof(argv[3]) * 1e9), 0, timeout);
  uint64_t begin = now();
  run(poll, begin + (uint64_t)(seconds * 1e9), 1, timeout);
  double took = (double)(now() - begin) / 1e9;
  printf("{\"rate\":%.0f,\"p50\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,\"rejects\":%llu,\"busy\":%.3f,\"all\":%llu}\n",
         (double)answers / took, quantile(0.5), quantile(0.99), quantile(0.999), (double)longest / 1000,
         (unsigned long long)rejects, 1 - (double)idle / 1e9 / took, (unsigned long long)all);
  return 0;
}
