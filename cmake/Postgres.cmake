# Postgres.cmake -- finds the server to build for: pg_config is asked and nothing is guessed.
#
# Choose another server with -DPG_CONFIG=/path/to/pg_config (make PG_CONFIG=...). A pg_config without
# the server's headers, as libpq-dev alone leaves it, counts as no server.

find_program(PG_CONFIG pg_config DOC "pg_config of the server to build for")

function(pg_config_get variable flag)
  execute_process(COMMAND ${PG_CONFIG} ${flag} OUTPUT_VARIABLE answer
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(${variable} ${answer} PARENT_SCOPE)
endfunction()

if(PG_CONFIG)
  pg_config_get(PG_VERSION --version)
  pg_config_get(PG_INCLUDEDIR_SERVER --includedir-server)
  pg_config_get(PG_PKGLIBDIR --pkglibdir)
  pg_config_get(PG_SHAREDIR --sharedir)
endif()

if(NOT PG_CONFIG OR NOT EXISTS ${PG_INCLUDEDIR_SERVER}/postgres.h)
  message(STATUS "no PostgreSQL server headers: building the engine alone")
  set(PG_CONFIG "")
else()
  message(STATUS "building for ${PG_VERSION}")
endif()
