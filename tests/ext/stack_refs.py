"""Runs each program that comes as a line and prints what came of it as a line of numbers.

Usage: stack_refs.py FOLDER. A program is `OPERATION A B;...`. For each step the numbers are what it
returned, the counts of three objects, how many reports there were, and five numbers of each.
"""

import sys


class Thing:
    """Something that is not immortal."""


def main():
    sys.path.insert(0, sys.argv[1])
    import stack_refs

    for line in sys.stdin:
        steps = [step.split() for step in line.split(";") if step.strip()]
        program = [(step[0], int(step[1]), int(step[2])) for step in steps]
        numbers = []
        for result, counts, reports in stack_refs.run(program, (Thing(), Thing(), Thing())):
            numbers += [result, *counts, len(reports)]
            numbers += [number for report in reports for number in report]
        print(*numbers, flush=True)


main()
