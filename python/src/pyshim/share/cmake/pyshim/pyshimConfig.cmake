# SPDX-License-Identifier: 0BSD
# pyshim::headers  the include folder
# pyshim::core     the C core as well, compiled into what links to it and with its macros
#
# find_package(pyshim CONFIG) finds this in site-packages under scikit-build-core; elsewhere
# -Dpyshim_DIR="$(python -m pyshim --cmakedir)" says where it is. It comes after find_package(Python),
# whose suffix for the stable ABI it corrects: that of CPython 3.15 names the platform, and no CPython
# before looks for such a file. All look for the name without it.

# Without the language, CMake leaves the C core out of a target in silence.
get_property(pyshim_LANGUAGES GLOBAL PROPERTY ENABLED_LANGUAGES)
if(NOT "C" IN_LIST pyshim_LANGUAGES)
  set(pyshim_FOUND FALSE)
  set(pyshim_NOT_FOUND_MESSAGE "pyshim's C core is compiled as C, and the project has no C: \
say project(... LANGUAGES C CXX), or enable_language(C) before find_package(pyshim)")
  return()
endif()

get_filename_component(pyshim_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(pyshim_INCLUDE_DIR "${pyshim_PREFIX}/include")
set(pyshim_SOURCES "${pyshim_PREFIX}/src/pyshim.c")

foreach(prefix IN ITEMS Python Python3)
  if("${${prefix}_SOSABI}" MATCHES "^(abi3t?)-")
    set(${prefix}_SOSABI "${CMAKE_MATCH_1}")
  endif()
endforeach()

if(NOT TARGET pyshim::headers)
  add_library(pyshim::headers INTERFACE IMPORTED)
  set_target_properties(pyshim::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${pyshim_INCLUDE_DIR}")
  add_library(pyshim::core INTERFACE IMPORTED)
  set_target_properties(pyshim::core PROPERTIES
    INTERFACE_SOURCES "${pyshim_SOURCES}"
    INTERFACE_LINK_LIBRARIES pyshim::headers)
endif()
