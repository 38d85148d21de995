// What an attacker would do in a program, when it exits; and nothing in the command that watches it.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <unistd.h>

static void said(const char *act, long result) {
    char line[128];
    int length = snprintf(line, sizeof line, "hostile: %s: %s\n", act, result < 0 ? strerror(errno) : "done");
    // Its own report is all that it is for.
    (void)!write(2, line, length);
}

__attribute__((destructor)) static void attack(void) {
    if (strcmp(program_invocation_name, getenv("SECCOMP")) == 0) {
        return;
    }
    said("raw socket", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
    said("ptrace", ptrace(PTRACE_TRACEME, 0, 0, 0));
    said("shell", execl("/bin/sh", "sh", "-c", "echo hostile: shell: done >&2", (char *)0));
}
