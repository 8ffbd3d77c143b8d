"""Run by an interpreter that imports one module: prints how that went, as one line of JSON.

Before that there is a line for each module that it lacks: it may not live to tell.
"""

import importlib
import importlib.machinery
import importlib.util
import json
import os
import sys

name, file, roots = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path[:0] = roots
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

    is_running, names, handled = False, [], []

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if cls.is_running and name.split(".")[0] not in own:
            cls.names.append(name)
            # The module may have printed half a line, and have put something else into the place of sys.stdout.
            os.write(1, ("\n%s\n" % json.dumps({"met": name})).encode())

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


sys.meta_path.append(Missing)
Extension = importlib.machinery.ExtensionFileLoader
Extension.create_module = Missing.watch(Extension.create_module)
Extension.exec_module = Missing.watch(Extension.exec_module)
before, errors, lacking = is_gil_enabled(), [], []
for attempt in (lambda: importlib.import_module(name), alone):
    Missing.names = []
    try:
        attempt()
        break
    except BaseException as error:
        errors.append(error)
        lacking.append(lacks(error))
answer = {"before": before, "after": is_gil_enabled(), "error": None, "lacks": None}
if len(errors) == 2:
    answer["error"] = "%s: %s" % (type(errors[0]).__name__, errors[0])
    answer["lacks"] = next(filter(None, lacking), None)
print(json.dumps(answer), flush=True)
