"""Runs commands in turns and prints what each run took, as JSON.

Usage: child.py ROUNDS COMMANDS. COMMANDS is a JSON list of objects: `words`, the arguments, and
`codes`, the exit codes that are no failure. A round runs them in order and then in reverse, so that
drift within it cancels out. The output is a list with an object for each command: `cpu`, user and
system seconds, `wall`, seconds, and `peak`, bytes, with a number for each run.
"""

import json
import os
import sys
import time

# ru_maxrss counts bytes on macOS and 1024 of them elsewhere.
PEAK_UNIT = 1 if sys.platform == "darwin" else 1024


def run(command):
    """CPU seconds, seconds and peak bytes of one run; its standard output is dropped."""
    words = command["words"]
    drop = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawnp(words[0], words, os.environ, file_actions=drop)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    if code not in command["codes"]:
        sys.exit(f"{' '.join(words)} ended with {code}")
    return usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * PEAK_UNIT


def main():
    rounds, commands = int(sys.argv[1]), json.loads(sys.argv[2])
    taken = [[] for _ in commands]
    order = list(range(len(commands)))
    for _ in range(rounds):
        for index in order + order[::-1]:
            taken[index].append(run(commands[index]))
    result = [dict(zip(("cpu", "wall", "peak"), zip(*runs))) for runs in taken]
    print(json.dumps(result))


main()
