# Warnings.cmake -- warnings are errors in the project's own code.
#
# SIM_WERROR=OFF is for packagers whose compiler knows warnings that ours does not.

option(SIM_WERROR "Treat warnings as errors" ON)

function(enable_warnings target)
  # g++ 12 warns of overlapping copies inside std::string's own operator+ where there are none (GCC bug 105329).
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-restrict)
  if(SIM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()
