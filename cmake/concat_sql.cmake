# concat_sql.cmake -- assembles the install script from its parts.
#
# cmake -DOUTPUT=<file> -P concat_sql.cmake -- <part> <part> ...
#
# Each part is an argument of its own: a list in one argument (-DPARTS=a;b) arrives empty without a word.
# Semicolons, brackets, dollar quotes and ${} in the parts survive, because a quoted text is not a list.

get_filename_component(name ${OUTPUT} NAME)
set(text "-- ${name} -- assembled from sql/, do not edit: change a part there and run make sql.\n")
set(part_seen FALSE)
foreach(index RANGE ${CMAKE_ARGC})
  set(argument "${CMAKE_ARGV${index}}")
  if(part_seen AND argument)
    file(READ ${argument} part)
    string(APPEND text "\n" "${part}")
  elseif(argument STREQUAL "--")
    set(part_seen TRUE)
  endif()
endforeach()
file(WRITE ${OUTPUT} "${text}")
