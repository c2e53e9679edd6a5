-- 95_event_triggers.sql -- definitions are followed from here on: the last part, so that they do not fire for the script.

CREATE EVENT TRIGGER sim_record_definition ON ddl_command_end
  WHEN TAG IN (
    'ALTER AGGREGATE', 'ALTER COLLATION', 'ALTER DOMAIN', 'ALTER FOREIGN TABLE', 'ALTER FUNCTION', 'ALTER MATERIALIZED VIEW', 'ALTER OPERATOR',
    'ALTER POLICY', 'ALTER ROUTINE', 'ALTER SCHEMA', 'ALTER SUBSCRIPTION', 'ALTER TABLE',
    'ALTER TEXT SEARCH CONFIGURATION', 'ALTER TEXT SEARCH DICTIONARY', 'ALTER TRIGGER', 'ALTER TYPE',
    'ALTER VIEW', 'CREATE AGGREGATE', 'CREATE CAST', 'CREATE FOREIGN TABLE', 'CREATE FUNCTION', 'CREATE MATERIALIZED VIEW',
    'CREATE OPERATOR', 'CREATE POLICY', 'CREATE RULE', 'CREATE SCHEMA', 'CREATE SUBSCRIPTION', 'CREATE TABLE',
    'CREATE TABLE AS', 'CREATE TRIGGER', 'CREATE VIEW', 'GRANT', 'IMPORT FOREIGN SCHEMA', 'REFRESH MATERIALIZED VIEW',
    'REVOKE', 'SELECT INTO')
  EXECUTE FUNCTION sim.record_definition();
ALTER EVENT TRIGGER sim_record_definition ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sim_record_definition IS 'follows what bindings read as it is made and changed';

CREATE EVENT TRIGGER sim_record_start ON ddl_command_start
  WHEN TAG IN ('ALTER TABLE')
  EXECUTE FUNCTION sim.record_definition();
ALTER EVENT TRIGGER sim_record_start ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sim_record_start IS 'follows what a command changes before it commits halfway';

CREATE EVENT TRIGGER sim_record_drop ON sql_drop
  EXECUTE FUNCTION sim.record_definition();
ALTER EVENT TRIGGER sim_record_drop ENABLE ALWAYS;
COMMENT ON EVENT TRIGGER sim_record_drop IS 'follows what bindings read as it is dropped';
