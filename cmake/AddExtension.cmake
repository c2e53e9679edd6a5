# AddExtension.cmake -- puts module, control file and SQL scripts where the server looks for them.
#
# The folders come from pg_config and are absolute; DESTDIR moves all of them, which is how packages
# are made and how the tests install without touching the system.

function(install_extension)
  configure_file(${PROJECT_SOURCE_DIR}/extension/pg_simulate.control.in
                 ${PROJECT_BINARY_DIR}/extension/pg_simulate.control @ONLY)
  # Install scripts of earlier versions and upgrade steps are kept by hand beside the assembled one.
  file(GLOB scripts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/extension/pg_simulate--*.sql)
  list(FILTER scripts EXCLUDE REGEX "pg_simulate--${PROJECT_VERSION}\\.sql$")
  install(FILES ${PROJECT_BINARY_DIR}/extension/pg_simulate.control ${SIM_INSTALL_SCRIPT} ${scripts}
          DESTINATION ${PG_SHAREDIR}/extension)
  install(TARGETS pg_simulate LIBRARY DESTINATION ${PG_PKGLIBDIR})
endfunction()
