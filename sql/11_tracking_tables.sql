-- 11_tracking_tables.sql -- which transaction changed what bindings read, and what was read.
--
-- Nobody has the right to write the log: triggers write it, whoever changes a table.  It means nothing in another database,
-- so it is not dumped; nor is what was read.

CREATE TABLE sim.stored_changes (
  relation oid NOT NULL,
  transaction xid8 NOT NULL,
  changed_at timestamptz NOT NULL,
  changed_by regrole NOT NULL,
  command text NOT NULL
);
CREATE INDEX stored_changes_by_relation ON sim.stored_changes (relation, transaction);
COMMENT ON TABLE sim.stored_changes IS 'changes of tables that bindings read: at least one row for each table and transaction that changed it';
COMMENT ON COLUMN sim.stored_changes.relation IS 'the table or view that a statement changed; 0: a definition of another kind';
COMMENT ON COLUMN sim.stored_changes.transaction IS 'the transaction that changed it';
COMMENT ON COLUMN sim.stored_changes.changed_at IS 'when its first statement that changed it had ended';
COMMENT ON COLUMN sim.stored_changes.changed_by IS 'role of the session';
COMMENT ON COLUMN sim.stored_changes.command IS 'what kind of statement it was; several, where sim.prune_changes has left the last of more than one, and one, where it has left the only one';

ALTER TABLE sim.stored_changes ENABLE ROW LEVEL SECURITY;
CREATE POLICY readers ON sim.stored_changes FOR SELECT
  USING (relation OPERATOR(pg_catalog.=) 0 OR pg_catalog.has_any_column_privilege(relation, 'SELECT'));
GRANT SELECT ON sim.stored_changes TO PUBLIC;

-- Nobody sees or writes these rows but the extension's own code.
CREATE TABLE sim.stored_readings (
  model_id integer NOT NULL REFERENCES sim.stored_models ON DELETE CASCADE,
  version integer NOT NULL,
  name text NOT NULL,
  view oid NOT NULL,
  is_input boolean NOT NULL,
  columns text[] NOT NULL,
  rows bigint NOT NULL,
  digests bytea NOT NULL,
  single_row float8[],
  relations oid[] NOT NULL,
  files oid[] NOT NULL,
  snapshot pg_snapshot NOT NULL,
  read_at timestamptz NOT NULL
);
CREATE INDEX stored_readings_by_binding ON sim.stored_readings (model_id, version, name);
COMMENT ON TABLE sim.stored_readings IS 'what reading tracked bindings gave, so that what names results is known without the rows';
COMMENT ON COLUMN sim.stored_readings.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_readings.version IS 'its version, whose text tells what is read';
COMMENT ON COLUMN sim.stored_readings.name IS 'data block or input that is supplied';
COMMENT ON COLUMN sim.stored_readings.view IS 'view that was read';
COMMENT ON COLUMN sim.stored_readings.is_input IS 'whether it supplies an input';
COMMENT ON COLUMN sim.stored_readings.columns IS 'columns that were read';
COMMENT ON COLUMN sim.stored_readings.rows IS 'how many rows there were';
COMMENT ON COLUMN sim.stored_readings.digests IS 'the SHA-256 of each column, one after the other';
COMMENT ON COLUMN sim.stored_readings.single_row IS 'the values, where there was one row';
COMMENT ON COLUMN sim.stored_readings.relations IS 'tables and views whose changes end it';
COMMENT ON COLUMN sim.stored_readings.files IS 'files that these had, by their numbers';
COMMENT ON COLUMN sim.stored_readings.snapshot IS 'transactions that it saw';
COMMENT ON COLUMN sim.stored_readings.read_at IS 'when it was stored';
ALTER TABLE sim.stored_readings ENABLE ROW LEVEL SECURITY;
