"""Files for build systems; a package, so that they can be found by its name."""
