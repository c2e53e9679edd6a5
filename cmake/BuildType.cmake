# BuildType.cmake -- optimisation, sanitizers and the compiler cache, for every target alike.
#
# Flags that change the bits of a floating-point result are not chosen here and must not be: the
# engine's own CMakeLists.txt says what it needs, and a lint reads the flags of every compiled file.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release or Debug" FORCE)
endif()

# -g1 keeps function names and lines for a readable stack trace at a tenth of the size of -g.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -g1 -fno-plt -DNDEBUG")

set(SIM_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined")
if(SIM_SANITIZE)
  # -O1 keeps the tests quick and the reports readable; the first finding ends the program.
  set(CMAKE_CXX_FLAGS_RELEASE "-O1 -g1")
  add_compile_options(-fsanitize=${SIM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SIM_SANITIZE})
endif()

find_program(CCACHE ccache)
mark_as_advanced(CCACHE)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER AND NOT DEFINED ENV{CCACHE_DISABLE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
