"""The program that Minijail's compiler makes of the policy on standard input, as bytes, with the strategy of the first
argument. Its own parser is passed by: it is given numbers, not names."""

import os
import sys

sys.path.insert(0, os.environ["MINIJAIL_TOOLS"])
sys.setrecursionlimit(100_000)

import arch
import bpf
import compiler
import parser

WHOLE = (0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF)


def action(word):
    kind, _, data = word.partition(":")
    if kind == "errno":
        return bpf.ReturnErrno(int(data))
    if kind == "trace" and data != "0":
        sys.exit(2)
    kinds = {
        "allow": "Allow",
        "kill-process": "KillProcess",
        "kill-thread": "KillThread",
        "log": "Log",
        "notify": "UserNotify",
        "trace": "Trace",
        "trap": "Trap",
    }
    return getattr(bpf, kinds[kind])()


def atom(argument, mask, at_least, value, expected):
    if at_least:
        return parser.Atom(argument, ">=" if expected else "<", value)
    if value == 0 and expected:
        return parser.Atom(argument, "in", ~mask & WHOLE[1])
    if value == 0 or (value == mask and mask & (mask - 1) == 0):
        return parser.Atom(argument, "&", mask)
    if mask not in WHOLE:
        sys.exit(2)
    return parser.Atom(argument, "==" if expected else "!=", value)


def read(lines):
    default, statements, machine = None, {}, None
    for words in map(str.split, lines):
        if words[0] == "architecture":
            machine = arch.Arch(int(words[2]), words[1], int(words[3]), {}, {}, {})
        elif words[0] == "default":
            default = words[1]
        elif words[0] == "entry":
            numbers = [int(word) for word in words[4:]]
            atoms = [atom(*numbers[at:at + 5]) for at in range(0, len(numbers), 5)]
            statements.setdefault((int(words[2]), words[3]), []).append((atoms, words[1]))
    return machine, default, statements


def main():
    machine, default, statements = read(sys.stdin)
    filters = []
    for (number, name), entries in statements.items():
        end = next((at for at, (atoms, _) in enumerate(entries) if not atoms), None)
        last = default if end is None else entries[end][1]
        tests = [parser.Filter([atoms], action(word)) for atoms, word in entries[:end]]
        syscall = parser.Syscall(name, number)
        filters.append(parser.FilterStatement(syscall, 1, tests + [parser.Filter(None, action(last))]))

    class Parsed:
        def __init__(self, *_, **__):
            pass

        def parse_file(self, _):
            return parser.ParsedPolicy(action(default), filters)

    compiler.parser.PolicyParser = Parsed
    program = compiler.PolicyCompiler(machine).compile_file(
        "",
        optimization_strategy=compiler.OptimizationStrategy(sys.argv[1]),
        kill_action=bpf.KillProcess(),
        denylist=default == "allow",
    )
    sys.stdout.buffer.write(program.opcodes)


main()
