"""Run by an interpreter that imports one module, as its package does or alone: prints how that went, as one
line of JSON.

Before that there is a line for each module that it lacks, and one for each that it looks for then: it may
not live to tell.
"""

import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys

how, name, file, roots = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
sys.path[:0] = roots
# What belongs to CPython on another system cannot be installed: nothing ends for want of it.
optional = getattr(sys, "stdlib_module_names", ())
own = {entry.split(".")[0] for root in roots for entry in os.listdir(root)}
is_gil_enabled = getattr(sys, "_is_gil_enabled", lambda: True)


def alone():
    """Imports the module without the packages that it is in, and by its suffix all the same."""
    suffixes = importlib.machinery.EXTENSION_SUFFIXES
    loader = (importlib.machinery.ExtensionFileLoader, suffixes)
    spec = importlib.machinery.FileFinder(os.path.dirname(file), loader).find_spec(name)
    if spec is None:
        raise ModuleNotFoundError("no file is found that has one of the suffixes %s" % " ".join(suffixes))
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


class Missing:
    """The last to be asked for a module: what it sees while the extension itself runs is not installed."""

    is_running, is_told, names, handled = False, False, [], []

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        package = name.split(".")[0]
        if cls.is_running and package not in own:
            cls.names.append(name)
            if package not in optional:
                cls.tell(name)

    @classmethod
    def tell(cls, name):
        # The module may have printed half a line, and have put something else into the place of sys.stdout.
        os.write(1, ("\n%s\n" % json.dumps({"met": name})).encode())
        cls.is_told = name is not None

    @classmethod
    def watch(cls, method):
        """One of the two steps in which a loader runs an extension."""

        def watched(loader, *arguments):
            if os.path.realpath(loader.path) != os.path.realpath(file):
                return method(loader, *arguments)
            cls.is_running = True
            # What is being handled already, such as the lack of something optional, is not its error.
            cls.handled.extend(chain(sys.exc_info()[1]))
            try:
                return method(loader, *arguments)
            finally:
                cls.is_running = False

        return watched


class Wanted:
    """The first to be asked: whoever looks for something else has done without what was missing."""

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if Missing.is_told:
            Missing.tell(None)


def chain(error):
    """An error, and what it came of."""
    seen = []
    while error is not None and not any(one is error for one in seen):
        seen.append(error)
        error = error.__cause__ or error.__context__
    return seen


def lacks(error):
    """What has to be installed first, if that is why it failed."""
    for one in chain(error):
        if any(one is handled for handled in Missing.handled):
            break
        if isinstance(one, ModuleNotFoundError) and one.name and one.name.split(".")[0] not in own:
            return one.name
    text = str(error)
    if "cannot open shared object file" in text and "libpython" not in text:
        return text.split(":")[0]
    # C code that wraps an ImportError of its own around one leaves no trace of it.
    if isinstance(error, ImportError) and "undefined symbol" not in text and Missing.names:
        return Missing.names[0]
    return None


sys.meta_path.insert(0, Wanted)
sys.meta_path.append(Missing)
Extension = importlib.machinery.ExtensionFileLoader
Extension.create_module = Missing.watch(Extension.create_module)
Extension.exec_module = Missing.watch(Extension.exec_module)
before = is_gil_enabled()
answer = {"before": before, "error": None, "lacks": None}
try:
    if how == "alone":
        alone()
    else:
        importlib.import_module(name)
except BaseException as error:
    answer["error"] = "%s: %s" % (type(error).__name__, error)
    answer["lacks"] = lacks(error)
answer["after"] = is_gil_enabled()
print(json.dumps(answer), flush=True)
