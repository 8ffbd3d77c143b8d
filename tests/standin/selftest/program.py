"""Does on a real CPython what the stand-in's program does: program.py PROGRAM."""

import importlib.machinery
import importlib.util
import sys
import threading
import warnings

LOADED = {}
CAUGHT = []


def outcome(function, *args):
    try:
        return "= " + repr(function(*args))
    except BaseException as problem:
        return "! {}: {}".format(type(problem).__name__, problem).replace("\n", " ")


def load(name, path):
    loader = importlib.machinery.ExtensionFileLoader(name, path)
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        module = importlib.util.module_from_spec(spec)
        loader.exec_module(module)
    CAUGHT.extend(caught)
    LOADED[name] = module


for line in sys.argv[1].splitlines():
    words = line.split(" ", 2)
    if words[0] == "import":
        said = outcome(load, *words[1:])
        print("import", said if said.startswith("!") else "= <module {!r}>".format(words[1]), flush=True)
        if said.startswith("!"):
            sys.exit(1)
    elif words[0] == "call":
        print("call", outcome(getattr(LOADED[words[1]], words[2])), flush=True)
    elif words[0] == "threads":
        name, function = words[2].split()
        said = []
        threads = [
            threading.Thread(target=lambda: said.append(outcome(getattr(LOADED[name], function))))
            for _ in range(int(words[1]))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for text in said:
            print("call", text, flush=True)
    elif words[0] == "state":
        gil = getattr(sys, "_is_gil_enabled", lambda: True)()
        print("state gil={} warnings={}".format(int(gil), len(CAUGHT)), flush=True)
