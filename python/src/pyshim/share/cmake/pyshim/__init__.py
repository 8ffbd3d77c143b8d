# SPDX-License-Identifier: 0BSD
"""Files for build systems; a package, so that they can be found by its name."""
