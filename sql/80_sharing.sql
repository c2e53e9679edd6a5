-- 80_sharing.sql -- what belongs to others: granting, copying, comparing versions, and who did what.

CREATE FUNCTION sim.grant(
  object text,
  role text,
  privilege text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_grant';
COMMENT ON FUNCTION sim.grant(text, text, text) IS
  'lets a role, or public, see a model and its text (read), compute with it (run, which includes read), or make versions, scenarios and bindings (edit, which includes both); or see a stored run, named as run:17 (read); for the owner only (42501)';

CREATE FUNCTION sim.revoke(
  object text,
  role text,
  privilege text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_revoke';
COMMENT ON FUNCTION sim.revoke(text, text, text) IS
  'takes a privilege back, and with it those that include it; what was not granted is no error; for the owner only (42501)';

CREATE FUNCTION sim.set_owner(
  object text,
  role text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_set_owner';
COMMENT ON FUNCTION sim.set_owner(text, text) IS
  'gives a model, or a stored run named as run:17, to another role, which the caller must be a member of (42501); grants stay, and bindings go on with the rights of who bound them';

CREATE FUNCTION sim.copy_model(
  model text,
  new_name text,
  bindings boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_copy_model';
COMMENT ON FUNCTION sim.copy_model(text, text, boolean) IS
  'makes a model of one''s own from one that one may read: its text, comment and scenarios; with bindings => true also its queries, bound anew with the rights of the caller';

CREATE FUNCTION sim.diff_model(
  model text,
  from_version integer,
  to_version integer)
RETURNS TABLE (kind text, name text, change text, old text, new text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_diff_model';
COMMENT ON FUNCTION sim.diff_model(text, integer, integer) IS
  'lists the definitions that one version of a model has and another has not or has otherwise; comments, formatting and the order of definitions do not matter';

CREATE TABLE sim.stored_run_grants (
  run_id bigint NOT NULL,
  owner regrole NOT NULL,
  grantee regrole NOT NULL,
  granted_by regrole NOT NULL,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (run_id, grantee)
);
COMMENT ON TABLE sim.stored_run_grants IS 'who may read runs that belong to others; see view sim.grants';
COMMENT ON COLUMN sim.stored_run_grants.run_id IS 'the run';
COMMENT ON COLUMN sim.stored_run_grants.owner IS 'owner of the run';
COMMENT ON COLUMN sim.stored_run_grants.grantee IS 'role whose members may read it; 0: everybody';
COMMENT ON COLUMN sim.stored_run_grants.granted_by IS 'role that granted it';
COMMENT ON COLUMN sim.stored_run_grants.granted_at IS 'when it was granted';

ALTER TABLE sim.stored_run_grants ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON sim.stored_run_grants FOR SELECT
  USING (grantee OPERATOR(pg_catalog.=) 0::oid
    OR pg_catalog.pg_has_role(grantee, 'MEMBER')
    OR pg_catalog.pg_has_role(owner, 'MEMBER'));
-- The owner is asked of the run: a trigger checks the grant's when the statement ends, and until then the row counts for what
-- the statement calls.
CREATE POLICY granted ON sim.stored_run_grants FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(granted_by, 'MEMBER') AND (
    SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
    WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_grants.run_id));
CREATE POLICY revoked ON sim.stored_run_grants FOR DELETE
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));
GRANT SELECT, INSERT, DELETE ON sim.stored_run_grants TO PUBLIC;

CREATE FUNCTION sim.hold_run() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_hold_run';
COMMENT ON FUNCTION sim.hold_run() IS
  'refuses (23503) a grant on a run that does not exist, or has another owner than the grant says, and keeps the run as it is until the transaction ends; nothing while row_security is off, as pg_restore turns it';
REVOKE EXECUTE ON FUNCTION sim.hold_run() FROM PUBLIC;

CREATE TRIGGER hold_run AFTER INSERT ON sim.stored_run_grants FOR EACH ROW EXECUTE FUNCTION sim.hold_run();
CREATE TRIGGER cascade_grants AFTER DELETE ON sim.stored_runs REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sim.cascade(
    'DELETE FROM sim.stored_run_grants WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))');
CREATE TRIGGER cascade_owner AFTER UPDATE OF owner ON sim.stored_runs
  FOR EACH STATEMENT EXECUTE FUNCTION sim.cascade(
    'UPDATE sim.stored_run_grants AS g SET owner = r.owner FROM sim.stored_runs AS r WHERE r.run_id = g.run_id AND r.owner <> g.owner');

CREATE FUNCTION sim.may_see_run(
  run bigint)
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sim_may_see_run';
COMMENT ON FUNCTION sim.may_see_run(bigint) IS
  'whether a stored run was granted to the current role, or to everybody';

-- Asked after policy members, as those of models are (10_tables.sql).
CREATE POLICY granted ON sim.stored_runs FOR SELECT USING (sim.may_see_run(run_id));
GRANT UPDATE (owner) ON sim.stored_runs TO PUBLIC;
-- Who sees a run sees what belongs to it; only its owner adds to it.
ALTER POLICY members ON sim.stored_run_inputs WITH CHECK ((
  SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
  WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_inputs.run_id));
ALTER POLICY members ON sim.stored_run_keys WITH CHECK ((
  SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
  WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_keys.run_id));
ALTER POLICY members ON sim.stored_results WITH CHECK ((
  SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
  WHERE r.run_id OPERATOR(pg_catalog.=) stored_results.run_id));
ALTER POLICY members ON sim.stored_histograms WITH CHECK ((
  SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
  WHERE r.run_id OPERATOR(pg_catalog.=) stored_histograms.run_id));
ALTER POLICY members ON sim.stored_samples WITH CHECK ((
  SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
  WHERE r.run_id OPERATOR(pg_catalog.=) stored_samples.run_id));

CREATE VIEW sim.grants WITH (security_invoker = true) AS
  SELECT
    'model' AS kind,
    m.name AS object,
    CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::oid THEN 'public' ELSE g.grantee::text END AS grantee,
    g.privilege,
    g.granted_by,
    g.granted_at
  FROM sim.stored_grants AS g
  JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) g.model_id
  UNION ALL
  SELECT
    'run',
    pg_catalog.concat('run:', g.run_id),
    CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::oid THEN 'public' ELSE g.grantee::text END,
    'read',
    g.granted_by,
    g.granted_at
  FROM sim.stored_run_grants AS g;
COMMENT ON VIEW sim.grants IS 'what was granted on one''s models and runs, and to oneself on those of others';
COMMENT ON COLUMN sim.grants.kind IS 'what the object is: model or run';
COMMENT ON COLUMN sim.grants.object IS 'name of the object, as sim.grant takes it';
COMMENT ON COLUMN sim.grants.grantee IS 'role whose members have the privilege, or public';
COMMENT ON COLUMN sim.grants.privilege IS 'read, run or edit';
COMMENT ON COLUMN sim.grants.granted_by IS 'role that granted it';
COMMENT ON COLUMN sim.grants.granted_at IS 'when it was granted';

CREATE SEQUENCE sim.stored_audit_ids AS bigint;
COMMENT ON SEQUENCE sim.stored_audit_ids IS 'numbers of audit rows';

CREATE TABLE sim.stored_audit (
  audit_id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('sim.stored_audit_ids'),
  at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  who text,
  session_role text NOT NULL,
  action text NOT NULL,
  kind text NOT NULL,
  model_id integer,
  model text,
  owner regrole,
  object text,
  before jsonb,
  after jsonb
);
CREATE INDEX stored_audit_model ON sim.stored_audit (model_id, audit_id);
COMMENT ON TABLE sim.stored_audit IS 'who did what, written by triggers; see view sim.audit';
COMMENT ON COLUMN sim.stored_audit.audit_id IS 'number of the row, in the order of writing';
COMMENT ON COLUMN sim.stored_audit.at IS 'when it was done';
COMMENT ON COLUMN sim.stored_audit.who IS 'role with whose rights it was done, as it was called then';
COMMENT ON COLUMN sim.stored_audit.session_role IS 'role that had logged in';
COMMENT ON COLUMN sim.stored_audit.action IS 'create, change, drop or export';
COMMENT ON COLUMN sim.stored_audit.kind IS 'what the object is';
COMMENT ON COLUMN sim.stored_audit.model_id IS 'model the object belongs to';
COMMENT ON COLUMN sim.stored_audit.model IS 'name of the model then';
COMMENT ON COLUMN sim.stored_audit.owner IS 'role that owned the object before';
COMMENT ON COLUMN sim.stored_audit.object IS 'name or number of the object then';
COMMENT ON COLUMN sim.stored_audit.before IS 'its row before; NULL when it was created';
COMMENT ON COLUMN sim.stored_audit.after IS 'its row afterwards; NULL when it was dropped';

ALTER TABLE sim.stored_audit ENABLE ROW LEVEL SECURITY;

-- What belonged to oneself, also when it is gone; what belongs to a model that one sees, but neither whom it was granted to
-- nor the runs of others.
CREATE POLICY seen ON sim.stored_audit FOR SELECT
  USING (pg_catalog.pg_has_role(owner, 'MEMBER')
    OR EXISTS (
      SELECT FROM sim.stored_models AS m
      WHERE m.model_id OPERATOR(pg_catalog.=) stored_audit.model_id
        AND (kind OPERATOR(pg_catalog.=) ANY ('{model,version,scenario,binding}'::text[])
          OR (kind OPERATOR(pg_catalog.=) 'grant' AND pg_catalog.pg_has_role(m.owner, 'MEMBER')))));
-- Who may delete rows administers them, and sees all.
CREATE POLICY administered ON sim.stored_audit
  USING ((SELECT pg_catalog.has_table_privilege('sim.stored_audit'::regclass, 'DELETE')));
GRANT SELECT ON sim.stored_audit TO PUBLIC;

CREATE FUNCTION sim.record_audit() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_audit';
COMMENT ON FUNCTION sim.record_audit() IS
  'row trigger that keeps changes in sim.stored_audit; its arguments are the kind of the object and the column that names it';
REVOKE EXECUTE ON FUNCTION sim.record_audit() FROM PUBLIC;

-- A model is recorded before it goes, since what belongs to it goes with it.
CREATE TRIGGER audit AFTER INSERT OR UPDATE ON sim.stored_models
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('model', 'name');
CREATE TRIGGER audit_drop BEFORE DELETE ON sim.stored_models
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('model', 'name');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON sim.stored_versions
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('version', 'version');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON sim.stored_scenarios
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('scenario', 'name');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON sim.stored_bindings
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('binding', 'name');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON sim.stored_grants
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('grant', 'grantee');

-- The columns that sim.run fills in when it is done are part of the run.
CREATE TRIGGER audit AFTER INSERT OR UPDATE OF name, tags, owner OR DELETE ON sim.stored_runs
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('run', 'run_id');
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON sim.stored_run_grants
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('grant', 'grantee');

CREATE FUNCTION sim.record_export(
  run bigint)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_export';
COMMENT ON FUNCTION sim.record_export(bigint) IS
  'keeps in sim.audit that the caller took a stored run out of the database, as sim.export_run does; nothing in a read-only transaction';

CREATE FUNCTION sim.prune_audit(
  keep interval)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := sim.oldest_kept(prune_audit.keep);
  deleted bigint;
BEGIN
  DELETE FROM sim.stored_audit AS a WHERE a.at < oldest;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;
COMMENT ON FUNCTION sim.prune_audit(interval) IS
  'deletes rows of sim.audit that are older, and returns how many; for whoever was granted DELETE on sim.stored_audit; a negative interval is an error (22023)';

CREATE VIEW sim.audit WITH (security_invoker = true) AS
  SELECT
    a.at,
    a.who,
    a.session_role,
    a.action,
    a.kind,
    a.model,
    CASE WHEN a.kind OPERATOR(pg_catalog.=) 'grant' AND a.object OPERATOR(pg_catalog.=) '-' THEN 'public' ELSE a.object END AS object,
    a.before,
    a.after,
    a.audit_id
  FROM sim.stored_audit AS a;
COMMENT ON VIEW sim.audit IS 'who did what and when to models, what belongs to them, and stored runs, with the rows before and after';
COMMENT ON COLUMN sim.audit.at IS 'when it was done';
COMMENT ON COLUMN sim.audit.who IS 'role with whose rights it was done, as it was called then';
COMMENT ON COLUMN sim.audit.session_role IS 'role that had logged in';
COMMENT ON COLUMN sim.audit.action IS 'create, change, drop or export';
COMMENT ON COLUMN sim.audit.kind IS 'model, version, scenario, binding, run or grant';
COMMENT ON COLUMN sim.audit.model IS 'name of the model then';
COMMENT ON COLUMN sim.audit.object IS 'name of the object then: of the model, number of the version, name of the scenario, of what was bound, number of the run, name of the role';
COMMENT ON COLUMN sim.audit.before IS 'its row before; NULL when it was created';
COMMENT ON COLUMN sim.audit.after IS 'its row afterwards; NULL when it was dropped';
COMMENT ON COLUMN sim.audit.audit_id IS 'number of the row, in the order of writing';

GRANT SELECT ON sim.grants, sim.audit TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_run_grants',
  'WHERE grantee = 0::oid OR grantee IN (SELECT oid FROM pg_catalog.pg_roles)');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_audit_ids', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_audit', '');
