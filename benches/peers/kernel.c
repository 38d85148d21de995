/* Stands in for the kernel under valgrind, which knows no seccomp(2): preloaded, every filter is installed and every
   question about flags and actions is answered as a new kernel does. All else goes to the real kernel. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/syscall.h>

static long real(long number, long a, long b, long c, long d, long e, long f)
{
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    if (result < 0 && result > -4096) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

/* The C library's own takes these as variable arguments, which are passed alike. */
long syscall(long number, long a, long b, long c, long d, long e, long f)
{
    if (number != SYS_seccomp)
        return real(number, a, b, c, d, e, f);
    /* Strict mode takes no flags; a filter is read where it points to. */
    if (a == 0 || (a == 1 && c == 0)) {
        errno = a == 0 ? EINVAL : EFAULT;
        return -1;
    }
    return 0;
}
