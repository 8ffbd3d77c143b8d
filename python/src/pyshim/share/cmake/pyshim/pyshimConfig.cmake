# SPDX-License-Identifier: 0BSD
# pyshim::headers  the include folder
# pyshim::core     the C core as well, compiled into what links to it and with its macros
#
# pyshim_build_as(TARGET version|abi3|abi3t|universal [SINCE 3.N])
#                  the macros and the suffix with which a module of python_add_library() is that; stops
#                  where scikit-build-core's wheel.py-api says something else
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

# The core and a module each define what the other one declares, so they are not compiled as one file. This
# holds in the folder that finds the package, and pyshim_build_as() says it for that of its target.
set_source_files_properties("${pyshim_SOURCES}" PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

if(NOT TARGET pyshim::headers)
  add_library(pyshim::headers INTERFACE IMPORTED)
  set_target_properties(pyshim::headers PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${pyshim_INCLUDE_DIR}")
  add_library(pyshim::core INTERFACE IMPORTED)
  set_target_properties(pyshim::core PROPERTIES
    INTERFACE_SOURCES "${pyshim_SOURCES}"
    INTERFACE_LINK_LIBRARIES pyshim::headers)
endif()

# What the Python of find_package(Python) says of a target: suffix, tag and macros, a line each; or its reason
# for not having it.
function(pyshim_ask result)
  set(python "${Python_EXECUTABLE}")
  if(NOT python)
    set(python "${Python3_EXECUTABLE}")
  endif()
  if(NOT python)
    message(FATAL_ERROR "pyshim: find_package(Python COMPONENTS Interpreter ...) comes first")
  endif()
  get_filename_component(place "${pyshim_INCLUDE_DIR}/../.." ABSOLUTE)
  # It need not be the Python that has the package, whose folder therefore comes last.
  set(ask "import sys; sys.path.append(sys.argv.pop(1)); from pyshim.__main__ import main; sys.exit(main())")
  execute_process(
    COMMAND "${python}" -c "${ask}" "${place}" --suffix --tag --macros ${ARGN}
    OUTPUT_VARIABLE said ERROR_VARIABLE refused RESULT_VARIABLE failed OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(failed)
    message(FATAL_ERROR "${python}: ${failed}\n${refused}")
  endif()
  set(${result} "${said}" PARENT_SCOPE)
endfunction()

# Stops where scikit-build-core puts another stable ABI into the wheel's tag.
function(pyshim_compare_tag target kind since)
  if(kind STREQUAL "version" AND SKBUILD_SABI_VERSION)
    message(FATAL_ERROR "pyshim: `${target}` is built for one version, and wheel.py-api puts a stable ABI "
      "into the wheel's tag: leave it out, or build as abi3, abi3t or universal")
  elseif(NOT kind STREQUAL "version" AND NOT SKBUILD_SABI_VERSION)
    message(FATAL_ERROR "pyshim: `${target}` is built as ${kind}, and scikit-build-core puts one version into "
      "the wheel's tag: say wheel.py-api=cp38 for abi3, or cp315.cp315t with a free-threaded CPython")
  elseif(kind MATCHES "abi3" AND NOT SKBUILD_SABI_VERSION VERSION_EQUAL since)
    message(FATAL_ERROR "pyshim: `${target}` is built as ${kind} from ${since} on, and wheel.py-api puts "
      "${SKBUILD_SABI_VERSION} into the wheel's tag: say the same twice")
  endif()
endfunction()

# Those of the macros that the target has not got yet, as python_add_library(... USE_SABI 3.N) gives it one;
# stops where it has another value.
function(pyshim_new_macros result target kind)
  set(new "${ARGN}")
  get_target_property(own "${target}" COMPILE_DEFINITIONS)
  foreach(definition IN LISTS own)
    # A generator expression is none.
    if(NOT definition MATCHES "^([A-Za-z_][A-Za-z0-9_]*)(=|$)")
      continue()
    endif()
    set(name "${CMAKE_MATCH_1}")
    set(wanted "${ARGN}")
    list(FILTER wanted INCLUDE REGEX "^-D${name}(=|$)")
    # A number may be spelled in either case.
    string(TOLOWER "-D${definition}" has)
    string(TOLOWER "${wanted}" wishes)
    if(wanted AND has STREQUAL wishes)
      list(REMOVE_ITEM new "${wanted}")
    elseif(wanted)
      message(FATAL_ERROR "pyshim: `${target}` has ${definition}, and is built as ${kind} with ${wanted}: leave "
        "it out, which USE_SABI of python_add_library() adds as well, or say the same version after SINCE")
    elseif(kind STREQUAL "version" AND name STREQUAL "Py_LIMITED_API")
      message(FATAL_ERROR "pyshim: `${target}` has ${definition}, and is built for one version: leave it "
        "out, which USE_SABI of python_add_library() adds as well, or build as abi3")
    endif()
  endforeach()
  set(${result} "${new}" PARENT_SCOPE)
endfunction()

# abi3 and abi3t have import libraries of their own on Windows.
function(pyshim_link_stable target)
  foreach(prefix IN ITEMS Python Python3)
    get_target_property(libraries "${target}" LINK_LIBRARIES)
    if("${prefix}::Module" IN_LIST libraries)
      if(NOT TARGET ${prefix}::SABIModule)
        message(FATAL_ERROR "pyshim: find_package(${prefix} COMPONENTS Development.SABIModule ...) comes first")
      endif()
      list(TRANSFORM libraries REPLACE "^${prefix}::Module$" "${prefix}::SABIModule")
      set_target_properties("${target}" PROPERTIES LINK_LIBRARIES "${libraries}")
    endif()
  endforeach()
endfunction()

function(pyshim_build_as target kind)
  cmake_parse_arguments(PARSE_ARGV 2 wish "" "SINCE" "")
  if(wish_UNPARSED_ARGUMENTS OR wish_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "pyshim: pyshim_build_as(TARGET version|abi3|abi3t|universal [SINCE 3.N])")
  endif()
  set(asked --target "${kind}")
  if(wish_SINCE)
    list(APPEND asked --since "${wish_SINCE}")
  endif()
  pyshim_ask(said ${asked})
  if(NOT said MATCHES "^([^\r\n]+)[\r\n]+cp3([0-9]+)-[^\r\n]+[\r\n]*(.*)$")
    message(FATAL_ERROR "pyshim: python -m pyshim says ${said}")
  endif()
  set(suffix "${CMAKE_MATCH_1}")
  set(since "3.${CMAKE_MATCH_2}")
  separate_arguments(macros NATIVE_COMMAND "${CMAKE_MATCH_3}")
  if(SKBUILD)
    pyshim_compare_tag("${target}" "${kind}" "${since}")
  endif()
  pyshim_new_macros(macros "${target}" "${kind}" ${macros})
  target_compile_options("${target}" PRIVATE ${macros})
  set_source_files_properties("${pyshim_SOURCES}" TARGET_DIRECTORY "${target}"
    PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  if(kind STREQUAL "version")
    return()
  endif()
  set_target_properties("${target}" PROPERTIES PREFIX "" SUFFIX "${suffix}")
  if(WIN32)
    pyshim_link_stable("${target}")
  endif()
endfunction()
