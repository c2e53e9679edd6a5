# PrecompileHeaders.cmake -- headers that are read once for many files, where no compiler cache does better.
#
# The release build of the engine and the module never does: it shows that each file includes what it needs.

if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(without_cache OFF)
else()
  set(without_cache ON)
endif()
option(SIM_PRECOMPILE "Precompile GoogleTest's headers, and the standard library's for sanitizers" ${without_cache})

function(precompile_headers target)
  if(SIM_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# The standard headers that most of the project's files read, directly or through another; those named come first.
function(precompile_standard_headers target)
  if(SIM_SANITIZE)
    precompile_headers(${target} ${ARGN} <algorithm> <array> <cmath> <cstdint> <functional> <limits> <map> <memory>
                       <optional> <set> <span> <stdexcept> <string> <string_view> <utility> <vector>)
  endif()
endfunction()
