"""Runs commands in turns and prints what each run took, as JSON.

Usage: child.py ROUNDS COMMANDS. COMMANDS is a JSON list of argument lists. A round runs them in
order and then in reverse, so that drift within it cancels out. The output is a list with an object
for each command: `cpu`, user and system seconds, and `peak`, bytes, with a number for each run.
"""

import json
import os
import sys

# ru_maxrss counts bytes on macOS and 1024 of them elsewhere.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def run(command):
    """CPU seconds and peak bytes of one run; its standard output is dropped."""
    drop = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawnp(command[0], command, os.environ, file_actions=drop)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        sys.exit(f"{' '.join(command)} ended with {code}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * PEAK_UNIT


def main():
    rounds, commands = int(sys.argv[1]), json.loads(sys.argv[2])
    taken = [[] for _ in commands]
    order = list(range(len(commands)))
    for _ in range(rounds):
        for index in order + order[::-1]:
            taken[index].append(run(commands[index]))
    result = [dict(zip(("cpu", "peak"), zip(*runs))) for runs in taken]
    print(json.dumps(result))


main()
