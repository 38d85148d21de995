"""What an attacker would do in a Python program."""

import ctypes
import os
import socket
import sys


def attempt(act, call):
    try:
        call()
    except OSError as error:
        print(f"hostile: {act}: {error.strerror}", file=sys.stderr)
    else:
        print(f"hostile: {act}: done", file=sys.stderr)


def ptrace():
    if ctypes.CDLL(None, use_errno=True).ptrace(0, 0, 0, 0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


attempt("raw socket", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
attempt("ptrace", ptrace)
attempt("shell", lambda: os.execv("/bin/sh", ["sh", "-c", "echo hostile: shell: done >&2"]))
