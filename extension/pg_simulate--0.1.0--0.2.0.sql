-- pg_simulate--0.1.0--0.2.0.sql -- from 0.1.0 to 0.2.0: what the install script of 0.2.0 has besides or otherwise.
--
-- What it makes is what a fresh installation is, as test/server/upgrade.sh finds out.
\echo Use "ALTER EXTENSION pg_simulate UPDATE" to load this file. \quit

DROP VIEW sim.bindings;
DROP VIEW sim.dependencies;
DROP POLICY members ON sim.stored_versions;
DROP POLICY members ON sim.stored_scenarios;
DROP POLICY members ON sim.stored_bindings;
REVOKE SELECT, INSERT, UPDATE, DELETE ON sim.stored_models FROM PUBLIC;

COMMENT ON COLUMN sim.stored_models.owner IS 'role whose members see, use, change and share the model';

-- pg_restore loads tables in any order: triggers do what these keys did.
ALTER TABLE sim.stored_versions DROP CONSTRAINT stored_versions_model_id_fkey;
ALTER TABLE sim.stored_scenarios DROP CONSTRAINT stored_scenarios_model_id_fkey;
ALTER TABLE sim.stored_bindings DROP CONSTRAINT stored_bindings_model_id_fkey;

-- Bindings of 0.1.0 are views of queries that were not followed: they are read at each use until they are bound again, or the
-- owners of their tables call sim.track.
ALTER TABLE sim.stored_bindings
  ADD COLUMN owner regrole,
  ADD COLUMN qualified_query text,
  ADD COLUMN sources text[],
  ADD COLUMN source_owners regrole[];
UPDATE sim.stored_bindings AS b SET
  owner = COALESCE(
    (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) b.view),
    (SELECT m.owner FROM sim.stored_models AS m WHERE m.model_id OPERATOR(pg_catalog.=) b.model_id)),
  qualified_query = COALESCE(pg_catalog.pg_get_viewdef(b.view), b.query),
  sources = f.names,
  source_owners = f.owners
FROM sim.stored_bindings AS o
CROSS JOIN LATERAL (
  SELECT
    COALESCE(pg_catalog.array_agg(s.name ORDER BY s.name), '{}') AS names,
    COALESCE(pg_catalog.array_agg(s.owner ORDER BY s.name), '{}') AS owners
  FROM (
    SELECT DISTINCT pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relowner::regrole AS owner
    FROM pg_catalog.pg_rewrite AS r
    JOIN pg_catalog.pg_depend AS d
      ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass
      AND d.objid OPERATOR(pg_catalog.=) r.oid
      AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
      AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class
    JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) d.refobjid
    JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace
    WHERE r.ev_class OPERATOR(pg_catalog.=) o.view) AS s) AS f
WHERE o.model_id OPERATOR(pg_catalog.=) b.model_id AND o.name OPERATOR(pg_catalog.=) b.name;
ALTER TABLE sim.stored_bindings
  ALTER COLUMN owner SET NOT NULL,
  ALTER COLUMN qualified_query SET NOT NULL,
  ALTER COLUMN sources SET NOT NULL,
  ALTER COLUMN source_owners SET NOT NULL;

COMMENT ON COLUMN sim.stored_bindings.owner IS 'role that bound the query, with whose rights it is made again';

COMMENT ON COLUMN sim.stored_bindings.qualified_query IS 'the query with all names qualified, from which the view is made again';

COMMENT ON COLUMN sim.stored_bindings.sources IS 'qualified names of the tables and views that the query names';

COMMENT ON COLUMN sim.stored_bindings.source_owners IS 'their owners, who are trusted not to put anything else in their place';

CREATE TABLE sim.stored_grants (
  model_id integer NOT NULL,
  grantee regrole NOT NULL,
  privilege text NOT NULL CHECK (privilege OPERATOR(pg_catalog.=) ANY ('{read,run,edit}'::text[])),
  granted_by regrole NOT NULL,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (model_id, grantee, privilege)
);

COMMENT ON TABLE sim.stored_grants IS 'who may do what with models that belong to others; see view sim.grants';

COMMENT ON COLUMN sim.stored_grants.model_id IS 'the model';

COMMENT ON COLUMN sim.stored_grants.grantee IS 'role whose members have the privilege; 0: everybody';

COMMENT ON COLUMN sim.stored_grants.privilege IS 'read; run, which includes read; edit, which includes both';

COMMENT ON COLUMN sim.stored_grants.granted_by IS 'role that granted it';

COMMENT ON COLUMN sim.stored_grants.granted_at IS 'when it was granted';

CREATE FUNCTION sim.may_see(
  model_id integer)
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sim_may_see';

COMMENT ON FUNCTION sim.may_see(integer) IS
  'whether the current role sees a model, by its number: as a member of the owner or by any grant';

CREATE FUNCTION sim.may_edit(
  model_id integer)
RETURNS boolean
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'sim_may_edit';

COMMENT ON FUNCTION sim.may_edit(integer) IS
  'whether the current role may change what belongs to a model, by its number: as a member of the owner or by a grant of edit';

CREATE FUNCTION sim.bindings_to_dump()
RETURNS SETOF sim.stored_bindings
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT
    b.model_id, b.name, COALESCE(c.oid, 0)::regclass, b.query, b.ordered, b.created_at, b.owner, b.qualified_query, b.sources,
    b.source_owners
  FROM sim.stored_bindings AS b
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) b.view;
END;

COMMENT ON FUNCTION sim.bindings_to_dump() IS
  'gives the rows of sim.stored_bindings as pg_dump takes them: without the numbers of views that are gone';

ALTER TABLE sim.stored_grants ENABLE ROW LEVEL SECURITY;

CREATE POLICY granted ON sim.stored_models FOR SELECT USING (sim.may_see(model_id));

CREATE POLICY granted_for_edit ON sim.stored_models FOR UPDATE USING (sim.may_edit(model_id));

CREATE POLICY seen ON sim.stored_grants FOR SELECT
  USING (grantee OPERATOR(pg_catalog.=) 0::oid
    OR pg_catalog.pg_has_role(grantee, 'MEMBER')
    OR EXISTS (
      SELECT FROM sim.stored_models AS m
      WHERE m.model_id OPERATOR(pg_catalog.=) stored_grants.model_id AND pg_catalog.pg_has_role(m.owner, 'MEMBER')));

CREATE POLICY granted ON sim.stored_grants FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(granted_by, 'MEMBER') AND EXISTS (
    SELECT FROM sim.stored_models AS m
    WHERE m.model_id OPERATOR(pg_catalog.=) stored_grants.model_id AND pg_catalog.pg_has_role(m.owner, 'MEMBER')));

CREATE POLICY revoked ON sim.stored_grants FOR DELETE
  USING (EXISTS (
    SELECT FROM sim.stored_models AS m
    WHERE m.model_id OPERATOR(pg_catalog.=) stored_grants.model_id AND pg_catalog.pg_has_role(m.owner, 'MEMBER')));

CREATE FUNCTION sim.check_owner() RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT pg_has_role(OLD.owner, 'MEMBER') THEN
    RAISE insufficient_privilege USING
      MESSAGE = format('must be owner of model "%s"', OLD.name),
      DETAIL = 'A grant of edit is for versions, scenarios and bindings.';
  END IF;
  IF NOT pg_has_role(NEW.owner, 'MEMBER') THEN
    RAISE insufficient_privilege USING MESSAGE = format('must be member of role "%s"', NEW.owner);
  END IF;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION sim.check_owner() IS
  'refuses (42501) a change of a model''s name, owner or number to all but its owner, and an owner whom the caller is no member of';

REVOKE EXECUTE ON FUNCTION sim.check_owner() FROM PUBLIC;

CREATE TRIGGER check_owner BEFORE UPDATE ON sim.stored_models FOR EACH ROW
  WHEN (pg_catalog.row_security_active('sim.stored_models'::regclass)
    AND (OLD.model_id, OLD.name, OLD.owner, OLD.created_at)
      IS DISTINCT FROM (NEW.model_id, NEW.name, NEW.owner, NEW.created_at))
  EXECUTE FUNCTION sim.check_owner();

CREATE FUNCTION sim.check_version() RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM FROM sim.stored_versions AS v WHERE v.model_id = NEW.model_id AND v.version = NEW.current_version;
  IF NOT FOUND THEN
    RAISE foreign_key_violation USING MESSAGE = format('model "%s" has no version %s', NEW.name, NEW.current_version);
  END IF;
  RETURN NEW;
END
$$;

COMMENT ON FUNCTION sim.check_version() IS 'refuses (23503) a current version of a model that does not exist';

REVOKE EXECUTE ON FUNCTION sim.check_version() FROM PUBLIC;

CREATE TRIGGER check_version BEFORE UPDATE OF current_version ON sim.stored_models FOR EACH ROW
  EXECUTE FUNCTION sim.check_version();

CREATE FUNCTION sim.cascade() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_cascade';

COMMENT ON FUNCTION sim.cascade() IS
  'statement trigger that runs its arguments, statements that may read the transition tables, with the rights of the table''s owner, as a foreign key does what it cascades; where there is a table of old rows and it is empty, it does nothing';

REVOKE EXECUTE ON FUNCTION sim.cascade() FROM PUBLIC;

CREATE TRIGGER cascade AFTER DELETE ON sim.stored_models REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sim.cascade(
    'DELETE FROM sim.stored_versions WHERE model_id = ANY (ARRAY(SELECT model_id FROM gone))',
    'DELETE FROM sim.stored_scenarios WHERE model_id = ANY (ARRAY(SELECT model_id FROM gone))',
    'DELETE FROM sim.stored_bindings WHERE model_id = ANY (ARRAY(SELECT model_id FROM gone))',
    'DELETE FROM sim.stored_grants WHERE model_id = ANY (ARRAY(SELECT model_id FROM gone))');

CREATE FUNCTION sim.hold_model() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_hold_model';

COMMENT ON FUNCTION sim.hold_model() IS
  'refuses (23503) what belongs to a model that does not exist, and keeps the model from being dropped until the transaction ends; nothing while row_security is off, as pg_restore turns it';

REVOKE EXECUTE ON FUNCTION sim.hold_model() FROM PUBLIC;

CREATE TRIGGER hold_model AFTER INSERT ON sim.stored_versions FOR EACH ROW EXECUTE FUNCTION sim.hold_model();

CREATE TRIGGER hold_model AFTER INSERT OR UPDATE OF model_id ON sim.stored_scenarios FOR EACH ROW
  EXECUTE FUNCTION sim.hold_model();

CREATE TRIGGER hold_model AFTER INSERT ON sim.stored_bindings FOR EACH ROW EXECUTE FUNCTION sim.hold_model();

CREATE TRIGGER hold_model AFTER INSERT ON sim.stored_grants FOR EACH ROW EXECUTE FUNCTION sim.hold_model();

CREATE POLICY seen ON sim.stored_versions FOR SELECT USING (sim.may_see(model_id));

CREATE POLICY seen ON sim.stored_scenarios FOR SELECT USING (sim.may_see(model_id));

CREATE POLICY seen ON sim.stored_bindings FOR SELECT USING (sim.may_see(model_id));

CREATE POLICY added ON sim.stored_versions FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(created_by, 'MEMBER') AND sim.may_edit(model_id));

CREATE POLICY added ON sim.stored_scenarios FOR INSERT WITH CHECK (sim.may_edit(model_id));

CREATE POLICY changed ON sim.stored_scenarios FOR UPDATE USING (sim.may_edit(model_id));

CREATE POLICY removed ON sim.stored_scenarios FOR DELETE USING (sim.may_edit(model_id));

CREATE POLICY added ON sim.stored_bindings FOR INSERT
  WITH CHECK (
    sim.may_edit(model_id)
    AND EXISTS (
      SELECT FROM pg_catalog.pg_class AS c
      WHERE c.oid OPERATOR(pg_catalog.=) stored_bindings.view
        AND c.relnamespace OPERATOR(pg_catalog.=) 'sim_bindings'::regnamespace
        AND pg_catalog.pg_has_role(c.relowner, 'MEMBER'))
    AND pg_catalog.pg_has_role(owner, 'MEMBER'));

CREATE POLICY removed ON sim.stored_bindings FOR DELETE USING (sim.may_edit(model_id));

GRANT SELECT, DELETE, INSERT (name, owner, current_version, comment), UPDATE (name, owner, current_version, comment)
  ON sim.stored_models TO PUBLIC;

GRANT SELECT, INSERT, DELETE ON sim.stored_grants TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_bindings', 'WHERE false UNION ALL SELECT * FROM sim.bindings_to_dump()');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_grants',
  'WHERE grantee = 0::oid OR grantee IN (SELECT oid FROM pg_catalog.pg_roles)');

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

COMMENT ON FUNCTION sim.bind(text, text, text) IS
  'lets a query supply a data block or an input, in place of an earlier binding; the query becomes a view of the caller, is run and checked at once, and always runs with the caller''s rights; triggers on the tables it reads record their changes, where the caller may make them; anything but one SELECT is an error (42601), so are missing columns (42703), types that are no numbers (42804), NULLs (22004) and unusable rows (22000)';

CREATE FUNCTION sim.record_change()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_change';

COMMENT ON FUNCTION sim.record_change() IS
  'adds a row to the log of changes; the function of the triggers that sim.bind and sim.track make';

CREATE FUNCTION sim.record_definition()
RETURNS event_trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_definition';

COMMENT ON FUNCTION sim.record_definition() IS
  'follows tables, views and functions as they are made, changed and dropped; the function of the extension''s event triggers';

CREATE FUNCTION sim.track(
  relation regclass)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_track';

COMMENT ON FUNCTION sim.track(regclass) IS
  'makes the triggers that record changes of a table for the bindings that read it, or drops them when none does any more; needs the right TRIGGER on the table (42501)';

CREATE FUNCTION sim.rebind(
  model text,
  name text,
  change text DEFAULT NULL)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_rebind';

COMMENT ON FUNCTION sim.rebind(text, text, text) IS
  'binds the stored query again, to the tables that have its names now; change is a statement that the server refuses while bindings read a table, such as ALTER TABLE ... TYPE, and is run in between; for the role that bound it (42501); raises what sim.bind raises';

CREATE FUNCTION sim.binding_state(
  view oid,
  sources text[],
  source_owners regrole[],
  owner regrole,
  query text)
RETURNS TABLE (state text, reason text)
LANGUAGE c STABLE PARALLEL SAFE STRICT ROWS 1
AS 'MODULE_PATHNAME', 'sim_binding_state';

COMMENT ON FUNCTION sim.binding_state(oid, text[], regrole[], regrole, text) IS
  'tells whether a binding can be read, and all changes of what it reads are seen, and why not; query is the one with all names qualified; see view sim.bindings';

CREATE FUNCTION sim.list_sources(
  view oid,
  sources text[])
RETURNS TABLE (
  relation regclass,
  relation_name text,
  columns text[],
  tracked boolean,
  reason text)
LANGUAGE c STABLE PARALLEL SAFE STRICT ROWS 2
AS 'MODULE_PATHNAME', 'sim_list_sources';

COMMENT ON FUNCTION sim.list_sources(oid, text[]) IS
  'lists the tables that a binding reads; see view sim.binding_sources';

CREATE FUNCTION sim.oldest_kept(
  keep interval)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := statement_timestamp() - keep;
BEGIN
  IF keep IS NULL THEN
    RAISE EXCEPTION 'keep must not be null' USING ERRCODE = 'null_value_not_allowed';
  ELSIF oldest > statement_timestamp() THEN
    RAISE EXCEPTION 'keep is %, which would delete all there is', keep
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'It is how old a row may become, for example ''90 days''; ''0'' keeps nothing that is older than this statement.';
  END IF;
  RETURN oldest;
END
$$;

COMMENT ON FUNCTION sim.oldest_kept(interval) IS
  'gives the time before which functions that prune delete rows; a negative interval is an error (22023), so is NULL (22004)';

CREATE FUNCTION sim.prune_changes(
  keep interval DEFAULT '1 day')
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := sim.oldest_kept(prune_changes.keep);
  pruned bigint;
BEGIN
  WITH gone AS (
    DELETE FROM sim.stored_changes AS c WHERE c.changed_at < oldest
    RETURNING c.relation, c.changed_at, c.changed_by, c.command),
  put_back AS (
    INSERT INTO sim.stored_changes (relation, transaction, changed_at, changed_by, command)
    SELECT DISTINCT ON (g.relation)
      g.relation, pg_current_xact_id(), g.changed_at, g.changed_by,
      CASE WHEN count(*) OVER (PARTITION BY g.relation) > 1 THEN 'several' ELSE 'one' END
    FROM gone AS g
    ORDER BY g.relation, g.changed_at DESC
    RETURNING relation)
  SELECT (SELECT count(*) FROM gone) - (SELECT count(*) FROM put_back) INTO pruned;
  RETURN pruned;
END
$$;

COMMENT ON FUNCTION sim.prune_changes(interval) IS
  'deletes older rows of the log of changes, but for the latest of each table, and returns how many; for the owner of the extension; a negative interval is an error (22023)';

CREATE FUNCTION sim.remember_readings(
  model text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_remember_readings';

COMMENT ON FUNCTION sim.remember_readings(text) IS
  'reads the tracked bindings of a model and stores digests of what they give, so that other sessions need not read the rows to know whether results are current; a data block or input whose table changes is read again';

CREATE OR REPLACE FUNCTION sim.converge(
  model text,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (scenario text, variable text, step integer, value float8)
LANGUAGE c STABLE PARALLEL SAFE ROWS 50 COST 100
SUPPORT sim.converge_support
AS 'MODULE_PATHNAME', 'sim_converge';

COMMENT ON FUNCTION sim.compare(text, text[], text, bigint, bigint, text, jsonb) IS
  'compares scenarios with a baseline, the base where it is NULL; trials NULL compares converged values, and another statistic than the default is an error (22023); otherwise the statistic (mean, stddev, p05, any column of sim.monte_carlo) of runs on common random numbers; relative_difference is the difference over the size of the baseline''s value; std_error is that of the paired difference, NULL where there is none';

CREATE TABLE sim.stored_cache (
  key bytea NOT NULL,
  payload bytea NOT NULL,
  put_at timestamptz NOT NULL
) USING heap WITH (toast_tuple_target = 128);

COMMENT ON TABLE sim.stored_cache IS 'results computed before, by what they depend on';

COMMENT ON COLUMN sim.stored_cache.key IS 'SHA-256 of all that the result depends on; two rows with one key have the same content';

COMMENT ON COLUMN sim.stored_cache.payload IS 'the result, as the library keeps it, with a checksum';

COMMENT ON COLUMN sim.stored_cache.put_at IS 'when it was put here';

ALTER TABLE sim.stored_cache ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE INDEX stored_cache_by_key ON sim.stored_cache (key);

ALTER TABLE sim.stored_cache ENABLE ROW LEVEL SECURITY;

CREATE UNLOGGED TABLE sim.stored_cache_unlogged (
  key bytea NOT NULL,
  payload bytea NOT NULL,
  put_at timestamptz NOT NULL
) USING heap WITH (toast_tuple_target = 128);

COMMENT ON TABLE sim.stored_cache_unlogged IS 'results computed before, where they need not survive a crash of the server';

COMMENT ON COLUMN sim.stored_cache_unlogged.key IS 'as in sim.stored_cache';

COMMENT ON COLUMN sim.stored_cache_unlogged.payload IS 'as in sim.stored_cache';

COMMENT ON COLUMN sim.stored_cache_unlogged.put_at IS 'as in sim.stored_cache';

ALTER TABLE sim.stored_cache_unlogged ALTER COLUMN payload SET STORAGE EXTERNAL;

CREATE INDEX stored_cache_unlogged_by_key ON sim.stored_cache_unlogged (key);

ALTER TABLE sim.stored_cache_unlogged ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION sim.list_cache_levels()
RETURNS TABLE(level text, hits bigint, misses bigint, puts bigint, evictions bigint, entries bigint, bytes bigint, held bigint)
AS 'MODULE_PATHNAME', 'sim_list_cache_levels'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION sim.list_cache_levels() IS 'what sim.cache_stats shows';

CREATE FUNCTION sim.cache_clear(level text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'sim_cache_clear'
LANGUAGE C VOLATILE;

COMMENT ON FUNCTION sim.cache_clear(text)
IS 'removes the results that a level of the cache, or each level that the caller may empty, has of this session or this database; those of other databases stay';

CREATE FUNCTION sim.cache_prune()
RETURNS bigint
AS 'MODULE_PATHNAME', 'sim_cache_prune'
LANGUAGE C VOLATILE STRICT;

COMMENT ON FUNCTION sim.cache_prune()
IS 'deletes results that are too old or too many from the tables of the cache, and returns how many';

CREATE VIEW sim.cache_stats WITH (security_invoker = true) AS
  SELECT level, hits, misses, puts, evictions, entries, bytes, held
  FROM sim.list_cache_levels();

COMMENT ON VIEW sim.cache_stats IS 'use of the cache of results, level by level';

COMMENT ON COLUMN sim.cache_stats.level IS 'session: of this session; shared: of all sessions, where the library is preloaded; table: sim.stored_cache and sim.stored_cache_unlogged';

COMMENT ON COLUMN sim.cache_stats.hits IS 'results found here, since the session began; of shared, and of table where the library is preloaded, by all sessions of all databases since the server started';

COMMENT ON COLUMN sim.cache_stats.misses IS 'results looked for and not found here, counted as hits are';

COMMENT ON COLUMN sim.cache_stats.puts IS 'results put here, counted as hits are';

COMMENT ON COLUMN sim.cache_stats.evictions IS 'results that had to leave, for their age or for want of room, counted as hits are';

COMMENT ON COLUMN sim.cache_stats.entries IS 'results that are here: of shared those of all databases, of table those of this one; NULL where the table cannot be read at the moment';

COMMENT ON COLUMN sim.cache_stats.bytes IS 'memory or room that these entries take; NULL where the table cannot be read at the moment';

COMMENT ON COLUMN sim.cache_stats.held IS 'memory or room that the level has, free places included; NULL where the table cannot be read at the moment';

GRANT SELECT ON sim.cache_stats TO PUBLIC;

CREATE FUNCTION sim.output_keys(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (scenario text, output text, key bytea)
LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 100
AS 'MODULE_PATHNAME', 'sim_output_keys';

COMMENT ON FUNCTION sim.output_keys(text, bigint, bigint, text[], jsonb) IS
  'names the result of each output of each scenario by the SHA-256 of all it depends on: what it reads of the model, the effective values of its inputs, bound rows, trials and seed; equal keys mean equal bits; how the text is written, unread inputs, units and the names of scenarios are no part of it; NULL where it reads an input or data block whose query fails or gives what cannot be used; arguments as sim.monte_carlo';

CREATE FUNCTION sim.require_keys(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS void
LANGUAGE c STABLE PARALLEL SAFE COST 100
AS 'MODULE_PATHNAME', 'sim_require_keys';

COMMENT ON FUNCTION sim.require_keys(text, bigint, bigint, text[], jsonb) IS
  'raises what keeps a result of sim.output_keys from having a key: the error of the query bound to what it reads; arguments as sim.monte_carlo';

CREATE FUNCTION sim.effective_inputs(
  model text,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (
  scenario text,
  input text,
  source text,
  definition text,
  value float8,
  rows bigint,
  hash bytea)
LANGUAGE c STABLE PARALLEL SAFE ROWS 20 COST 100
AS 'MODULE_PATHNAME', 'sim_effective_inputs';

COMMENT ON FUNCTION sim.effective_inputs(text, text[], jsonb) IS
  'lists the inputs and data blocks that the outputs read, as they are in each scenario: source is default, scenario, override or binding; value of a number, definition of a formula or distribution as it was written, rows of what is bound or given for each step; hash is equal where they are equal, and NULL, with all else, where a query fails or gives what cannot be used; arguments as sim.monte_carlo';

CREATE FUNCTION sim.warm(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}',
  percentiles float8[] DEFAULT NULL)
RETURNS TABLE (scenario text, output text, hit boolean)
LANGUAGE c VOLATILE ROWS 10 COST 1000000
AS 'MODULE_PATHNAME', 'sim_warm';

COMMENT ON FUNCTION sim.warm(text, bigint, bigint, text[], jsonb, float8[]) IS
  'computes ahead what sim.monte_carlo, and with percentiles also sim.percentiles, will be asked with these arguments, and keeps it in all levels of the cache up to sim.cache, the table included; hit: the result was there already; without a cache an error (55000)';

CREATE FUNCTION sim.result_statistics(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  trials bigint,
  failed_trials bigint,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8)
LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000000
AS 'MODULE_PATHNAME', 'sim_result_statistics';

COMMENT ON FUNCTION sim.result_statistics(text, bigint, bigint, text[], jsonb) IS
  'gives the rows of sim.monte_carlo for all outputs to which sim.output_keys gives a key; others are left out';

CREATE FUNCTION sim.result_percentiles(
  model text,
  percentiles float8[],
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  percentile float8,
  value float8,
  lower float8,
  upper float8)
LANGUAGE c STABLE PARALLEL SAFE ROWS 30 COST 1000000
AS 'MODULE_PATHNAME', 'sim_result_percentiles';

COMMENT ON FUNCTION sim.result_percentiles(text, float8[], bigint, bigint, text[], jsonb) IS
  'gives the rows of sim.percentiles for all outputs to which sim.output_keys gives a key; others are left out';

CREATE FUNCTION sim.warm_results(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}',
  percentiles float8[] DEFAULT NULL)
RETURNS TABLE (scenario text, output text, hit boolean)
LANGUAGE c VOLATILE ROWS 10 COST 1000000
AS 'MODULE_PATHNAME', 'sim_warm_results';

COMMENT ON FUNCTION sim.warm_results(text, bigint, bigint, text[], jsonb, float8[]) IS
  'does what sim.warm does for all outputs to which sim.output_keys gives a key; others are left out';

CREATE VIEW sim.bindings WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    b.name,
    b.query,
    b.ordered,
    b.view,
    c.relowner::regrole AS owner,
    x.state,
    x.reason,
    b.created_at,
    ARRAY(
      SELECT
        pg_catalog.concat(d.refobjid::regclass, '.', pg_catalog.quote_ident(a.attname)) COLLATE pg_catalog."default"
      FROM pg_catalog.pg_rewrite AS r
      JOIN pg_catalog.pg_depend AS d
        ON d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass
        AND d.objid OPERATOR(pg_catalog.=) r.oid
        AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
        AND d.refobjid OPERATOR(pg_catalog.<>) r.ev_class
      JOIN pg_catalog.pg_attribute AS a
        ON a.attrelid OPERATOR(pg_catalog.=) d.refobjid
        AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid
      WHERE r.ev_class OPERATOR(pg_catalog.=) b.view
      ORDER BY d.refobjid, d.refobjsubid) AS follows
  FROM sim.stored_models AS m
  JOIN sim.stored_bindings AS b ON b.model_id OPERATOR(pg_catalog.=) m.model_id
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) b.view
  CROSS JOIN LATERAL sim.binding_state(b.view, b.sources, b.source_owners, b.owner, b.qualified_query) AS x;

COMMENT ON VIEW sim.bindings IS 'what queries supply to data blocks and inputs of the models';

COMMENT ON COLUMN sim.bindings.model IS 'name of the model';

COMMENT ON COLUMN sim.bindings.name IS 'data block or input that is supplied';

COMMENT ON COLUMN sim.bindings.query IS 'the query as it was given';

COMMENT ON COLUMN sim.bindings.ordered IS 'whether the query had an ORDER BY';

COMMENT ON COLUMN sim.bindings.view IS 'view that holds the query';

COMMENT ON COLUMN sim.bindings.owner IS 'role with whose rights the query runs; NULL when the view is gone';

COMMENT ON COLUMN sim.bindings.state IS 'tracked: no change of what it reads goes unseen; untracked: its rows are read at each use; broken: it cannot be read, for what it reads is gone or replaced, or its owner may not read it any more';

COMMENT ON COLUMN sim.bindings.reason IS 'why it is untracked or broken';

COMMENT ON COLUMN sim.bindings.created_at IS 'when the query was bound';

COMMENT ON COLUMN sim.bindings.follows IS 'columns that the query reads';

CREATE VIEW sim.binding_sources WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    b.name,
    x.relation,
    x.relation_name,
    x.columns,
    x.tracked,
    x.reason
  FROM sim.stored_models AS m
  JOIN sim.stored_bindings AS b ON b.model_id OPERATOR(pg_catalog.=) m.model_id
  CROSS JOIN LATERAL sim.list_sources(b.view, b.sources) AS x;

COMMENT ON VIEW sim.binding_sources IS 'the tables that bindings read, through the views between';

COMMENT ON COLUMN sim.binding_sources.model IS 'name of the model';

COMMENT ON COLUMN sim.binding_sources.name IS 'data block or input that is supplied';

COMMENT ON COLUMN sim.binding_sources.relation IS 'the table; NULL when it is gone';

COMMENT ON COLUMN sim.binding_sources.relation_name IS 'its qualified name';

COMMENT ON COLUMN sim.binding_sources.columns IS 'columns that are read; NULL where the binding is broken';

COMMENT ON COLUMN sim.binding_sources.tracked IS 'whether all its changes are seen';

COMMENT ON COLUMN sim.binding_sources.reason IS 'why they are not';

GRANT SELECT ON
  sim.models, sim.model_versions, sim.scenarios, sim.bindings, sim.binding_sources, sim.variables, sim.loops,
  sim.data_blocks, sim.distributions, sim.functions
TO PUBLIC;

CREATE SEQUENCE sim.stored_run_ids AS bigint;

COMMENT ON SEQUENCE sim.stored_run_ids IS 'numbers of runs';

GRANT USAGE ON SEQUENCE sim.stored_run_ids TO PUBLIC;

CREATE TABLE sim.stored_runs (
  run_id bigint PRIMARY KEY DEFAULT pg_catalog.nextval('sim.stored_run_ids'),
  name text,
  tags text[] NOT NULL,
  owner regrole NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
  model_id integer NOT NULL,
  model text NOT NULL,
  version integer NOT NULL,
  pinned boolean NOT NULL,
  step_label text,
  asked_trials bigint,
  seed bigint NOT NULL,
  scenarios text[],
  overrides jsonb NOT NULL,
  keep_samples boolean NOT NULL,
  trials bigint,
  levels float8[],
  duration interval,
  workers integer,
  code_version text NOT NULL,
  result_hash text
);

CREATE INDEX stored_runs_model ON sim.stored_runs (model_id, run_id);

COMMENT ON TABLE sim.stored_runs IS 'runs; see view sim.runs';

COMMENT ON COLUMN sim.stored_runs.run_id IS 'number of the run';

COMMENT ON COLUMN sim.stored_runs.name IS 'what its maker calls it; NULL without a name';

COMMENT ON COLUMN sim.stored_runs.tags IS 'words to find it by';

COMMENT ON COLUMN sim.stored_runs.owner IS 'role that ran it, whose members see and delete it';

COMMENT ON COLUMN sim.stored_runs.created_at IS 'when its inputs were read';

COMMENT ON COLUMN sim.stored_runs.model_id IS 'number of the model, which may be gone';

COMMENT ON COLUMN sim.stored_runs.model IS 'last name of the model';

COMMENT ON COLUMN sim.stored_runs.version IS 'version of the model that was run';

COMMENT ON COLUMN sim.stored_runs.pinned IS 'whether the version was asked for, as in name@version';

COMMENT ON COLUMN sim.stored_runs.step_label IS 'what a step is called; NULL without time';

COMMENT ON COLUMN sim.stored_runs.asked_trials IS 'trials as asked for; NULL: the default';

COMMENT ON COLUMN sim.stored_runs.seed IS 'seed of the random numbers';

COMMENT ON COLUMN sim.stored_runs.scenarios IS 'scenarios as asked for; NULL: the base';

COMMENT ON COLUMN sim.stored_runs.overrides IS 'overrides of the call';

COMMENT ON COLUMN sim.stored_runs.keep_samples IS 'whether the samples are stored';

COMMENT ON COLUMN sim.stored_runs.trials IS 'trials of each scenario';

COMMENT ON COLUMN sim.stored_runs.levels IS 'levels of the percentiles that sketches hold';

COMMENT ON COLUMN sim.stored_runs.duration IS 'how long simulating and storing took';

COMMENT ON COLUMN sim.stored_runs.workers IS 'parallel workers that simulated';

COMMENT ON COLUMN sim.stored_runs.code_version IS 'version of the extension that ran it';

COMMENT ON COLUMN sim.stored_runs.result_hash IS 'hash of the statistics, as sim.result_hash gives it';

CREATE TABLE sim.stored_run_inputs (
  run_id bigint NOT NULL,
  scenario text NOT NULL,
  input text NOT NULL,
  source text NOT NULL,
  definition text,
  value float8,
  row_count bigint,
  hash bytea,
  PRIMARY KEY (run_id, scenario, input)
);

COMMENT ON TABLE sim.stored_run_inputs IS 'what the inputs of a run were; see view sim.run_inputs';

COMMENT ON COLUMN sim.stored_run_inputs.run_id IS 'the run';

COMMENT ON COLUMN sim.stored_run_inputs.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.stored_run_inputs.input IS 'input or data block';

COMMENT ON COLUMN sim.stored_run_inputs.source IS 'default, scenario, override or binding';

COMMENT ON COLUMN sim.stored_run_inputs.definition IS 'what defined it';

COMMENT ON COLUMN sim.stored_run_inputs.value IS 'its value where it is one number';

COMMENT ON COLUMN sim.stored_run_inputs.row_count IS 'rows that a binding supplied';

COMMENT ON COLUMN sim.stored_run_inputs.hash IS 'hash of what it was';

CREATE TABLE sim.stored_run_keys (
  run_id bigint NOT NULL,
  scenario text NOT NULL,
  output text NOT NULL,
  key bytea NOT NULL,
  PRIMARY KEY (run_id, scenario, output)
);

COMMENT ON TABLE sim.stored_run_keys IS 'what each output of a run was computed from, as sim.output_keys names it';

COMMENT ON COLUMN sim.stored_run_keys.run_id IS 'the run';

COMMENT ON COLUMN sim.stored_run_keys.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.stored_run_keys.output IS 'name of the output';

COMMENT ON COLUMN sim.stored_run_keys.key IS 'content key of the output in this scenario';

CREATE TABLE sim.stored_run_data (
  run_id bigint PRIMARY KEY,
  experiment bytea NOT NULL
);

COMMENT ON TABLE sim.stored_run_data IS 'what runs of up to 4 MB were computed from, bound rows included; see sim.run_data';

COMMENT ON COLUMN sim.stored_run_data.run_id IS 'the run';

COMMENT ON COLUMN sim.stored_run_data.experiment IS 'all that it was computed from, as sim.experiment gives it';

CREATE TABLE sim.stored_results (
  run_id bigint NOT NULL,
  place integer NOT NULL,
  scenario text NOT NULL,
  output text NOT NULL,
  step integer,
  unit text,
  trials bigint NOT NULL,
  failed_trials bigint NOT NULL,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8,
  sketch float8[],
  PRIMARY KEY (run_id, place)
);

COMMENT ON TABLE sim.stored_results IS 'statistics of runs, a row a reported number; see view sim.results';

COMMENT ON COLUMN sim.stored_results.run_id IS 'the run';

COMMENT ON COLUMN sim.stored_results.place IS 'place among the numbers that the run reports, from 1';

COMMENT ON COLUMN sim.stored_results.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.stored_results.output IS 'name of the output';

COMMENT ON COLUMN sim.stored_results.step IS 'step; NULL for an output without time';

COMMENT ON COLUMN sim.stored_results.unit IS 'unit of the output; NULL without one';

COMMENT ON COLUMN sim.stored_results.trials IS 'number of trials';

COMMENT ON COLUMN sim.stored_results.failed_trials IS 'trials without a finite value, which enter nothing else';

COMMENT ON COLUMN sim.stored_results.mean IS 'mean';

COMMENT ON COLUMN sim.stored_results.std_error IS 'standard error of the mean';

COMMENT ON COLUMN sim.stored_results.stddev IS 'standard deviation';

COMMENT ON COLUMN sim.stored_results.skewness IS 'skewness';

COMMENT ON COLUMN sim.stored_results.kurtosis IS 'excess kurtosis';

COMMENT ON COLUMN sim.stored_results.min IS 'smallest value';

COMMENT ON COLUMN sim.stored_results.p05 IS '5 % percentile';

COMMENT ON COLUMN sim.stored_results.p25 IS '25 % percentile';

COMMENT ON COLUMN sim.stored_results.median IS 'median';

COMMENT ON COLUMN sim.stored_results.p75 IS '75 % percentile';

COMMENT ON COLUMN sim.stored_results.p95 IS '95 % percentile';

COMMENT ON COLUMN sim.stored_results.max IS 'largest value';

COMMENT ON COLUMN sim.stored_results.sketch IS 'exact percentiles at the levels of the run; NULL where every trial failed';

CREATE TABLE sim.stored_histograms (
  run_id bigint NOT NULL,
  place integer NOT NULL,
  edges float8[] NOT NULL,
  counts bigint[] NOT NULL,
  PRIMARY KEY (run_id, place)
);

COMMENT ON TABLE sim.stored_histograms IS 'histograms of runs; see view sim.histograms';

COMMENT ON COLUMN sim.stored_histograms.run_id IS 'the run';

COMMENT ON COLUMN sim.stored_histograms.place IS 'place of the reported number';

COMMENT ON COLUMN sim.stored_histograms.edges IS 'edges of the bins, one more than there are bins';

COMMENT ON COLUMN sim.stored_histograms.counts IS 'trials in each bin: its lower edge belongs to it, the last upper edge too';

CREATE TABLE sim.stored_samples (
  run_id bigint NOT NULL,
  first_trial bigint NOT NULL,
  place integer NOT NULL,
  samples float8[] NOT NULL,
  PRIMARY KEY (run_id, place, first_trial)
);

ALTER TABLE sim.stored_samples ALTER COLUMN samples SET STORAGE PLAIN;

COMMENT ON TABLE sim.stored_samples IS 'samples of runs; see view sim.samples_stored';

COMMENT ON COLUMN sim.stored_samples.run_id IS 'the run';

COMMENT ON COLUMN sim.stored_samples.first_trial IS 'trial of the first sample, from 1';

COMMENT ON COLUMN sim.stored_samples.place IS 'place of the reported number';

COMMENT ON COLUMN sim.stored_samples.samples IS 'values in consecutive trials; those that are not finite are failed trials';

CREATE TRIGGER cascade AFTER DELETE ON sim.stored_runs REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sim.cascade(
    'DELETE FROM sim.stored_run_inputs WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))',
    'DELETE FROM sim.stored_run_keys WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))',
    'DELETE FROM sim.stored_run_data WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))',
    'DELETE FROM sim.stored_results WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))',
    'DELETE FROM sim.stored_histograms WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))',
    'DELETE FROM sim.stored_samples WHERE run_id = ANY (ARRAY(SELECT run_id FROM gone))');

ALTER TABLE sim.stored_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_run_inputs ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_run_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_run_data ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_results ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_histograms ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_samples ENABLE ROW LEVEL SECURITY;

CREATE POLICY members ON sim.stored_runs
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));

CREATE POLICY numbered ON sim.stored_runs AS RESTRICTIVE FOR INSERT
  WITH CHECK (run_id OPERATOR(pg_catalog.=) pg_catalog.currval('sim.stored_run_ids'::regclass));

CREATE POLICY members ON sim.stored_run_inputs
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_inputs.run_id));

CREATE POLICY members ON sim.stored_run_keys
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_keys.run_id));

CREATE POLICY members ON sim.stored_run_data
  USING ((
    SELECT pg_catalog.pg_has_role(r.owner, 'MEMBER') FROM sim.stored_runs AS r
    WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_data.run_id));

CREATE POLICY members ON sim.stored_results
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_results.run_id));

CREATE POLICY members ON sim.stored_histograms
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_histograms.run_id));

CREATE POLICY members ON sim.stored_samples
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_samples.run_id));

GRANT SELECT, INSERT, DELETE ON sim.stored_runs TO PUBLIC;

GRANT UPDATE (name, tags, trials, levels, duration, workers, result_hash) ON sim.stored_runs TO PUBLIC;

GRANT SELECT, INSERT ON
  sim.stored_run_inputs, sim.stored_run_keys, sim.stored_run_data, sim.stored_results, sim.stored_histograms, sim.stored_samples
TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_run_ids', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_runs', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_run_inputs', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_run_keys', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_run_data', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_results', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_histograms', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_samples', '');

CREATE FUNCTION sim.run_statistics(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  trials bigint,
  failed_trials bigint,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8,
  levels float8[],
  sketch float8[],
  edges float8[],
  counts bigint[],
  workers integer,
  result_hash text)
LANGUAGE c VOLATILE PARALLEL UNSAFE ROWS 10 COST 1000000
AS 'MODULE_PATHNAME', 'sim_run_statistics';

COMMENT ON FUNCTION sim.run_statistics(text, bigint, bigint, text[], jsonb) IS
  'gives all that a stored run keeps of its results: the columns of sim.monte_carlo, exact percentiles at fixed levels, a histogram, and for all rows alike the workers and sim.result_hash; takes from the cache what is there, and leaves there what is computed, as sim.warm does; arguments as sim.monte_carlo';

CREATE FUNCTION sim.run_samples(
  experiment bytea,
  OUT place integer,
  OUT first_trial bigint,
  OUT samples float8[])
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 1000 COST 1000000
AS 'MODULE_PATHNAME', 'sim_run_samples';

COMMENT ON FUNCTION sim.run_samples(bytea) IS
  'simulates a serialized experiment and gives its samples in blocks of 1,000 trials; in a select list the blocks come one by one and none is kept; bytes that are no experiment are an error (XX001)';

CREATE FUNCTION sim.experiment_data(
  experiment bytea)
RETURNS TABLE (name text, column_name text, place bigint, value float8)
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE ROWS 1000
AS 'MODULE_PATHNAME', 'sim_experiment_data';

COMMENT ON FUNCTION sim.experiment_data(bytea) IS
  'lists the rows that a serialized experiment has of data blocks, column by column, and of bound inputs, whose column_name is NULL; bytes that are no experiment are an error (XX001)';

CREATE FUNCTION sim.named_model(
  model text)
RETURNS TABLE (model_id integer, name text, version integer, pinned boolean, source text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 1
AS 'MODULE_PATHNAME', 'sim_named_model';

COMMENT ON FUNCTION sim.named_model(text) IS
  'tells which version of which model a name or name@version stands for, and whether it says the version; a model that does not exist is an error (42704)';

CREATE FUNCTION sim.check_writable(
  what text,
  instead text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION '% during recovery', what
      USING ERRCODE = 'read_only_sql_transaction', HINT = concat_ws(' ', 'That is for the primary.', instead);
  ELSIF current_setting('transaction_read_only')::boolean THEN
    RAISE EXCEPTION '% in a read-only transaction', what
      USING ERRCODE = 'read_only_sql_transaction', HINT = concat_ws(' ', 'It takes a transaction that may write.', instead);
  END IF;
END
$$;

COMMENT ON FUNCTION sim.check_writable(text, text) IS
  'refuses (25006) on a standby and in a read-only transaction what stores something, and says what can be done there instead';

CREATE FUNCTION sim.run(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}',
  name text DEFAULT NULL,
  keep_samples boolean DEFAULT false,
  tags text[] DEFAULT '{}')
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
<<this>>
DECLARE
  run_id bigint;
  started timestamptz := clock_timestamp();
  frozen record;
BEGIN
  PERFORM sim.check_writable('no run can be stored', 'sim.monte_carlo computes here, too.');
  run_id := nextval('sim.stored_run_ids');
  -- What cannot be run is told first, so that the error's context is two lines.
  PERFORM sim.require_keys(run.model, run.trials, run.seed, run.scenarios, run.overrides);
  -- One statement, one snapshot: what is recorded as the inputs is what is simulated.  Samples are simulated after it, but
  -- from bytes that it has read.
  WITH stored AS (
    INSERT INTO sim.stored_runs (run_id, name, tags, owner, model_id, model, version, pinned, step_label, asked_trials, seed,
      scenarios, overrides, keep_samples, code_version)
    SELECT this.run_id, run.name, coalesce(run.tags, '{}'), quote_ident(current_user)::regrole, m.model_id, m.name, m.version, m.pinned,
      f.step_label, run.trials, run.seed, run.scenarios, coalesce(run.overrides, '{}'), coalesce(run.keep_samples, false),
      e.extversion
    FROM sim.named_model(run.model) AS m
    LEFT JOIN LATERAL sim.model_facts(m.source) AS f ON true
    CROSS JOIN pg_extension AS e
    WHERE e.extname = 'pg_simulate'),
  computed AS MATERIALIZED (
    SELECT s.*, v.unit
    FROM sim.run_statistics(run.model, run.trials, run.seed, run.scenarios, run.overrides) WITH ORDINALITY AS s
    CROSS JOIN sim.named_model(run.model) AS m
    LEFT JOIN LATERAL sim.model_variables(m.source) AS v ON v.variable = s.output)
  SELECT
    sim.experiment(run.model, run.trials, run.seed, run.scenarios, run.overrides) AS experiment,
    ARRAY(
      SELECT ROW(this.run_id, i.scenario, i.input, i.source, i.definition, i.value, i.rows, i.hash)::sim.stored_run_inputs
      FROM sim.effective_inputs(run.model, run.scenarios, run.overrides) AS i) AS inputs,
    ARRAY(
      SELECT ROW(this.run_id, k.scenario, k.output, k.key)::sim.stored_run_keys
      FROM sim.output_keys(run.model, run.trials, run.seed, run.scenarios, run.overrides) AS k) AS keys,
    ARRAY(
      SELECT ROW(this.run_id, c.ordinality, c.scenario, c.output, c.step, c.unit, c.trials, c.failed_trials, c.mean, c.std_error,
        c.stddev, c.skewness, c.kurtosis, c.min, c.p05, c.p25, c.median, c.p75, c.p95, c.max, c.sketch)::sim.stored_results
      FROM computed AS c) AS results,
    ARRAY(
      SELECT ROW(this.run_id, c.ordinality, c.edges, c.counts)::sim.stored_histograms
      FROM computed AS c WHERE c.edges IS NOT NULL) AS histograms,
    w.trials, w.levels, w.workers, w.result_hash
  FROM computed AS w LIMIT 1 INTO this.frozen;
  INSERT INTO sim.stored_run_inputs SELECT i.* FROM unnest(frozen.inputs) AS i;
  INSERT INTO sim.stored_run_keys SELECT k.* FROM unnest(frozen.keys) AS k;
  INSERT INTO sim.stored_run_data SELECT this.run_id, frozen.experiment WHERE octet_length(frozen.experiment) <= 4194304;
  INSERT INTO sim.stored_results SELECT s.* FROM unnest(frozen.results) AS s;
  INSERT INTO sim.stored_histograms SELECT h.* FROM unnest(frozen.histograms) AS h;
  IF run.keep_samples THEN
    INSERT INTO sim.stored_samples (run_id, first_trial, place, samples)
    SELECT this.run_id, (b.block).first_trial, (b.block).place, (b.block).samples
    FROM (SELECT sim.run_samples(frozen.experiment) AS block) AS b;
  END IF;
  UPDATE sim.stored_runs AS r
  SET trials = frozen.trials, levels = frozen.levels, workers = frozen.workers, result_hash = frozen.result_hash,
    duration = clock_timestamp() - this.started
  WHERE r.run_id = this.run_id;
  RETURN this.run_id;
END
$$;

COMMENT ON FUNCTION sim.run(text, bigint, bigint, text[], jsonb, text, boolean, text[]) IS
  'simulates a model and stores the run: who, when, model version, inputs and their values, statistics, histograms and percentiles of each output, with keep_samples => true also the samples; returns its number; other arguments as sim.monte_carlo; an error on a standby and in a read-only transaction (25006)';

CREATE FUNCTION sim.current_results(
  run bigint)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL UNSAFE COST 10000
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  asked record;
BEGIN
  SELECT r.run_id, r.asked_trials, r.seed, r.scenarios, r.overrides, r.owner,
    concat_ws('@', quote_ident(m.name), CASE WHEN r.pinned THEN r.version END) AS model
  INTO asked
  FROM sim.stored_runs AS r JOIN sim.stored_models AS m ON m.model_id = r.model_id
  WHERE r.run_id = current_results.run;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  RETURN (
    SELECT jsonb_object_agg(s.scenario, s.outputs)
    FROM (
      SELECT b.scenario, jsonb_object_agg(b.output, b.same) AS outputs
      FROM (
        SELECT coalesce(k.scenario, n.scenario) AS scenario, coalesce(k.output, n.output) AS output,
          coalesce(n.key = k.key, false) AS same
        FROM (SELECT k.scenario, k.output, k.key FROM sim.stored_run_keys AS k WHERE k.run_id = asked.run_id) AS k
        FULL JOIN sim.output_keys(asked.model, asked.asked_trials, asked.seed, asked.scenarios, asked.overrides) AS n
          ON n.scenario = k.scenario AND n.output = k.output) AS b
      GROUP BY b.scenario) AS s);
EXCEPTION
  -- Who was granted the run alone cannot compute its keys.
  WHEN insufficient_privilege THEN
    RETURN NULL;
  -- What cannot be computed any more is not current: a scenario or a bound table is gone, an override no longer fits.
  WHEN OTHERS THEN
    RETURN '{}';
END
$$;

COMMENT ON FUNCTION sim.current_results(bigint) IS
  'tells of each scenario, and in it of each output, of a stored run whether the same call would give the same now: true, or false for what would differ, is new or is gone; an empty object where it cannot be computed any more; NULL where the model is gone or may not be run';

CREATE FUNCTION sim.is_current(
  run bigint)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL UNSAFE COST 10000
BEGIN ATOMIC
  SELECT n.now OPERATOR(pg_catalog.<>) '{}' AND NOT pg_catalog.jsonb_path_exists(n.now, '$.*.* ? (@ == false)')
  FROM (SELECT sim.current_results(run) AS now) AS n;
END;

COMMENT ON FUNCTION sim.is_current(bigint) IS
  'tells whether a stored run is what the same call would give under the reader''s snapshot: its content keys are those of now; false also where the call would fail; NULL where the model is gone, or the caller may not run it or see the run';

CREATE VIEW sim.runs WITH (security_invoker = true) AS
  SELECT
    r.run_id AS run,
    r.name,
    r.tags,
    COALESCE(m.name, r.model) AS model,
    r.version,
    r.trials,
    r.seed,
    r.scenarios,
    r.overrides,
    c.current,
    r.owner,
    r.created_at,
    r.duration,
    r.workers,
    r.keep_samples,
    r.step_label,
    r.code_version,
    r.result_hash
  FROM sim.stored_runs AS r
  LEFT JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) r.model_id
  LEFT JOIN LATERAL (SELECT sim.is_current(r.run_id) AS current GROUP BY ()) AS c ON true;

COMMENT ON VIEW sim.runs IS 'the stored runs that the current role may see';

COMMENT ON COLUMN sim.runs.run IS 'number of the run';

COMMENT ON COLUMN sim.runs.name IS 'what its maker calls it';

COMMENT ON COLUMN sim.runs.tags IS 'words to find it by';

COMMENT ON COLUMN sim.runs.model IS 'name of the model, the last one where it is gone';

COMMENT ON COLUMN sim.runs.version IS 'version of the model that was run';

COMMENT ON COLUMN sim.runs.trials IS 'trials of each scenario';

COMMENT ON COLUMN sim.runs.seed IS 'seed of the random numbers';

COMMENT ON COLUMN sim.runs.scenarios IS 'scenarios as asked for; NULL: the base';

COMMENT ON COLUMN sim.runs.overrides IS 'overrides of the call';

COMMENT ON COLUMN sim.runs.current IS 'whether the same call would give the same now, in all outputs; NULL where the model is gone or may not be run';

COMMENT ON COLUMN sim.runs.owner IS 'role that ran it, whose members see and delete it';

COMMENT ON COLUMN sim.runs.created_at IS 'when its inputs were read';

COMMENT ON COLUMN sim.runs.duration IS 'how long simulating and storing took';

COMMENT ON COLUMN sim.runs.workers IS 'parallel workers that simulated';

COMMENT ON COLUMN sim.runs.keep_samples IS 'whether the samples are stored';

COMMENT ON COLUMN sim.runs.step_label IS 'what a step is called; NULL without time';

COMMENT ON COLUMN sim.runs.code_version IS 'version of the extension that ran it';

COMMENT ON COLUMN sim.runs.result_hash IS 'hash of the statistics, as sim.result_hash gives it';

CREATE VIEW sim.run_inputs WITH (security_invoker = true) AS
  SELECT
    i.run_id AS run,
    i.scenario,
    i.input,
    i.source,
    i.definition,
    i.value,
    i.row_count,
    pg_catalog.encode(i.hash, 'hex') AS hash
  FROM sim.stored_run_inputs AS i;

COMMENT ON VIEW sim.run_inputs IS 'what the inputs of stored runs were, by scenario';

COMMENT ON COLUMN sim.run_inputs.run IS 'number of the run';

COMMENT ON COLUMN sim.run_inputs.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.run_inputs.input IS 'input or data block';

COMMENT ON COLUMN sim.run_inputs.source IS 'default, scenario, override or binding';

COMMENT ON COLUMN sim.run_inputs.definition IS 'what defined it';

COMMENT ON COLUMN sim.run_inputs.value IS 'its value where it is one number';

COMMENT ON COLUMN sim.run_inputs.row_count IS 'rows that a binding supplied';

COMMENT ON COLUMN sim.run_inputs.hash IS 'hash of what it was';

CREATE VIEW sim.results WITH (security_invoker = true) AS
  SELECT
    s.run_id AS run,
    s.scenario,
    s.output,
    s.step,
    s.unit,
    s.trials,
    s.failed_trials,
    s.mean,
    s.std_error,
    s.stddev,
    s.skewness,
    s.kurtosis,
    s.min,
    s.p05,
    s.p25,
    s.median,
    s.p75,
    s.p95,
    s.max,
    CASE WHEN c.results IS NOT NULL THEN
      COALESCE((c.results OPERATOR(pg_catalog.->) s.scenario OPERATOR(pg_catalog.->) s.output)::boolean, false)
    END AS current
  FROM sim.stored_runs AS r
  LEFT JOIN LATERAL (SELECT sim.current_results(r.run_id) AS results GROUP BY ()) AS c ON true
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id;

COMMENT ON VIEW sim.results IS 'statistics of stored runs, by scenario, output and step';

COMMENT ON COLUMN sim.results.run IS 'number of the run';

COMMENT ON COLUMN sim.results.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.results.output IS 'name of the output';

COMMENT ON COLUMN sim.results.step IS 'step; NULL for an output without time';

COMMENT ON COLUMN sim.results.unit IS 'unit of the output; NULL without one';

COMMENT ON COLUMN sim.results.trials IS 'number of trials';

COMMENT ON COLUMN sim.results.failed_trials IS 'trials without a finite value, which enter nothing else';

COMMENT ON COLUMN sim.results.mean IS 'mean';

COMMENT ON COLUMN sim.results.std_error IS 'standard error of the mean';

COMMENT ON COLUMN sim.results.stddev IS 'standard deviation';

COMMENT ON COLUMN sim.results.skewness IS 'skewness';

COMMENT ON COLUMN sim.results.kurtosis IS 'excess kurtosis';

COMMENT ON COLUMN sim.results.min IS 'smallest value';

COMMENT ON COLUMN sim.results.p05 IS '5 % percentile';

COMMENT ON COLUMN sim.results.p25 IS '25 % percentile';

COMMENT ON COLUMN sim.results.median IS 'median';

COMMENT ON COLUMN sim.results.p75 IS '75 % percentile';

COMMENT ON COLUMN sim.results.p95 IS '95 % percentile';

COMMENT ON COLUMN sim.results.max IS 'largest value';

COMMENT ON COLUMN sim.results.current IS 'whether the same call would give this number now; NULL where the model is gone or may not be run';

CREATE VIEW sim.histograms WITH (security_invoker = true) AS
  SELECT
    s.run_id AS run,
    s.scenario,
    s.output,
    s.step,
    s.unit,
    b.bin::integer AS bin,
    b.lower,
    b.upper,
    b.trials,
    b.trials::float8 OPERATOR(pg_catalog./) (s.trials OPERATOR(pg_catalog.-) s.failed_trials)::float8 AS share,
    CASE WHEN c.results IS NOT NULL THEN
      COALESCE((c.results OPERATOR(pg_catalog.->) s.scenario OPERATOR(pg_catalog.->) s.output)::boolean, false)
    END AS current
  FROM sim.stored_runs AS r
  LEFT JOIN LATERAL (SELECT sim.current_results(r.run_id) AS results GROUP BY ()) AS c ON true
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  JOIN sim.stored_histograms AS h
    ON h.run_id OPERATOR(pg_catalog.=) s.run_id AND h.place OPERATOR(pg_catalog.=) s.place
  CROSS JOIN LATERAL ROWS FROM (
    pg_catalog.unnest(h.edges[:pg_catalog.cardinality(h.counts)]), pg_catalog.unnest(h.edges[2:]), pg_catalog.unnest(h.counts))
    WITH ORDINALITY AS b (lower, upper, trials, bin);

COMMENT ON VIEW sim.histograms IS 'histograms of stored runs, a row a bin';

COMMENT ON COLUMN sim.histograms.run IS 'number of the run';

COMMENT ON COLUMN sim.histograms.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.histograms.output IS 'name of the output';

COMMENT ON COLUMN sim.histograms.step IS 'step; NULL for an output without time';

COMMENT ON COLUMN sim.histograms.unit IS 'unit of the output; NULL without one';

COMMENT ON COLUMN sim.histograms.bin IS 'number of the bin, from 1';

COMMENT ON COLUMN sim.histograms.lower IS 'lower edge, which belongs to the bin';

COMMENT ON COLUMN sim.histograms.upper IS 'upper edge, which belongs to the last bin only';

COMMENT ON COLUMN sim.histograms.trials IS 'trials in the bin';

COMMENT ON COLUMN sim.histograms.share IS 'share of the trials with a finite value';

COMMENT ON COLUMN sim.histograms.current IS 'whether the same call would give this number now; NULL where the model is gone or may not be run';

CREATE VIEW sim.samples_stored WITH (security_invoker = true) AS
  SELECT
    s.run_id AS run,
    s.scenario,
    s.output,
    s.step,
    s.unit,
    a.first_trial,
    a.samples,
    CASE WHEN c.results IS NOT NULL THEN
      COALESCE((c.results OPERATOR(pg_catalog.->) s.scenario OPERATOR(pg_catalog.->) s.output)::boolean, false)
    END AS current
  FROM sim.stored_runs AS r
  LEFT JOIN LATERAL (SELECT sim.current_results(r.run_id) AS results GROUP BY ()) AS c ON true
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  JOIN sim.stored_samples AS a
    ON a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place;

COMMENT ON VIEW sim.samples_stored IS 'samples of stored runs that keep them, a row for some consecutive trials';

COMMENT ON COLUMN sim.samples_stored.run IS 'number of the run';

COMMENT ON COLUMN sim.samples_stored.scenario IS 'name of the scenario';

COMMENT ON COLUMN sim.samples_stored.output IS 'name of the output';

COMMENT ON COLUMN sim.samples_stored.step IS 'step; NULL for an output without time';

COMMENT ON COLUMN sim.samples_stored.unit IS 'unit of the output; NULL without one';

COMMENT ON COLUMN sim.samples_stored.first_trial IS 'trial of the first sample, from 1';

COMMENT ON COLUMN sim.samples_stored.samples IS 'values in consecutive trials; those that are not finite are failed trials';

COMMENT ON COLUMN sim.samples_stored.current IS 'whether the same call would give this number now; NULL where the model is gone or may not be run';

GRANT SELECT ON sim.runs, sim.run_inputs, sim.results, sim.histograms, sim.samples_stored TO PUBLIC;

CREATE FUNCTION sim.search_runs(
  query text DEFAULT NULL,
  tags text[] DEFAULT NULL,
  model text DEFAULT NULL,
  since timestamptz DEFAULT NULL)
RETURNS SETOF sim.runs
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT r.*
  FROM sim.runs AS r
  CROSS JOIN (
    SELECT pg_catalog.split_part(search_runs.model, '@', 1) AS given, pg_catalog.split_part(search_runs.model, '@', 2) AS version)
    AS named
  WHERE (search_runs.query IS NULL
      OR pg_catalog.strpos(
        pg_catalog.lower(pg_catalog.concat_ws(' ', r.name, r.model, pg_catalog.array_to_string(r.tags, ' '))),
        pg_catalog.lower(search_runs.query)) OPERATOR(pg_catalog.>) 0)
    AND (search_runs.tags IS NULL OR r.tags OPERATOR(pg_catalog.@>) search_runs.tags)
    AND (search_runs.model IS NULL
      OR r.model OPERATOR(pg_catalog.=) CASE
        WHEN named.given OPERATOR(pg_catalog.~~) '"%"'
        THEN pg_catalog.replace(pg_catalog.btrim(named.given, '"'), '""', '"')
        ELSE pg_catalog.lower(named.given COLLATE pg_catalog."C") END
      AND (named.version OPERATOR(pg_catalog.=) '' OR r.version::text OPERATOR(pg_catalog.=) named.version))
    AND (search_runs.since IS NULL OR r.created_at OPERATOR(pg_catalog.>=) search_runs.since)
  ORDER BY r.run DESC;
END;

COMMENT ON FUNCTION sim.search_runs(text, text[], text, timestamptz) IS
  'finds stored runs, the newest first: query is a part of name, model or tags in small or capital letters, tags are all to be there, model is its name, folded as an SQL identifier is, or name@version for the runs of one version; what is NULL does not matter';

CREATE FUNCTION sim.drop_run(
  run bigint,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  DELETE FROM sim.stored_runs AS r WHERE r.run_id = drop_run.run;
  IF FOUND THEN
    RETURN;
  ELSIF drop_run.if_exists THEN
    RAISE NOTICE 'run % does not exist, skipping', coalesce(drop_run.run::text, 'NULL');
  ELSE
    PERFORM sim.find_run(drop_run.run);
    RAISE EXCEPTION 'run % is not yours to delete', drop_run.run
      USING ERRCODE = 'insufficient_privilege', HINT = 'Members of the role that owns it may; see view sim.runs.';
  END IF;
END
$$;

COMMENT ON FUNCTION sim.drop_run(bigint, boolean) IS
  'deletes a stored run with all that belongs to it; one that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.prune(
  keep interval DEFAULT NULL,
  keep_last integer DEFAULT NULL)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz;
  deleted bigint;
BEGIN
  IF prune.keep IS NULL AND prune.keep_last IS NULL THEN
    RAISE EXCEPTION 'nothing says which runs to keep'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Say how old a run may be, keep => ''90 days'', or how many runs of each model stay, keep_last => 10.';
  ELSIF prune.keep_last < 0 THEN
    RAISE EXCEPTION 'keep_last is %', prune.keep_last
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the number of runs of each model that stay, 0 or more.';
  END IF;
  IF prune.keep IS NOT NULL THEN
    oldest := sim.oldest_kept(prune.keep);
  END IF;
  DELETE FROM sim.stored_runs AS r
  USING (
    SELECT s.run_id, row_number() OVER (PARTITION BY s.model_id ORDER BY s.run_id DESC) AS place FROM sim.stored_runs AS s) AS p
  WHERE p.run_id = r.run_id
    AND (oldest IS NULL OR r.created_at < oldest)
    AND (prune.keep_last IS NULL OR p.place > prune.keep_last);
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;

COMMENT ON FUNCTION sim.prune(interval, integer) IS
  'deletes stored runs that are older than `keep` and not among the last `keep_last` of their model, and tells how many; what is NULL protects none, one of the two must be said, and neither is negative (22023)';

CREATE FUNCTION sim.sample_percentiles_transition(internal, float8[], float8[], float8[], float8[], bigint) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_percentiles_transition';

COMMENT ON FUNCTION sim.sample_percentiles_transition(internal, float8[], float8[], float8[], float8[], bigint) IS
  'transition function of sim.sample_percentiles';

CREATE FUNCTION sim.sample_percentiles_final(internal) RETURNS float8[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_percentiles_final';

COMMENT ON FUNCTION sim.sample_percentiles_final(internal) IS 'final function of sim.sample_percentiles';

CREATE AGGREGATE sim.sample_percentiles(samples float8[], percentiles float8[], levels float8[], sketch float8[], trials bigint) (
  SFUNC = sim.sample_percentiles_transition,
  STYPE = internal,
  SSPACE = 1000000,
  FINALFUNC = sim.sample_percentiles_final,
  FINALFUNC_MODIFY = READ_WRITE,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE sim.sample_percentiles(float8[], float8[], float8[], float8[], bigint) IS
  'gives exact percentiles of the finite values in blocks of samples, as percentile_cont does, in the memory of a few hundredths of them: the sketch is that of these values, trials their number; NULL for no values; other values than those of the sketch are an error (XX001)';

CREATE FUNCTION sim.sample_counts_transition(internal, float8[], float8[], boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_counts_transition';

COMMENT ON FUNCTION sim.sample_counts_transition(internal, float8[], float8[], boolean) IS 'transition function of sim.sample_counts';

CREATE FUNCTION sim.sample_counts_final(internal) RETURNS bigint[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_counts_final';

COMMENT ON FUNCTION sim.sample_counts_final(internal) IS 'final function of sim.sample_counts';

CREATE AGGREGATE sim.sample_counts(samples float8[], points float8[], inclusive boolean) (
  SFUNC = sim.sample_counts_transition,
  STYPE = internal,
  FINALFUNC = sim.sample_counts_final,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE sim.sample_counts(float8[], float8[], boolean) IS
  'counts the finite values below each of the ascending points, or inclusive at it, too, in blocks of samples; one element more: all of them';

CREATE FUNCTION sim.sample_pairs_transition(internal, float8[], boolean, boolean) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_pairs_transition';

COMMENT ON FUNCTION sim.sample_pairs_transition(internal, float8[], boolean, boolean) IS 'transition function of sim.sample_pairs';

CREATE FUNCTION sim.sample_pairs_final(internal) RETURNS float8[]
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sample_pairs_final';

COMMENT ON FUNCTION sim.sample_pairs_final(internal) IS 'final function of sim.sample_pairs';

CREATE AGGREGATE sim.sample_pairs(samples float8[], second boolean, ranks boolean) (
  SFUNC = sim.sample_pairs_transition,
  STYPE = internal,
  SSPACE = 1000000,
  FINALFUNC = sim.sample_pairs_final,
  PARALLEL = SAFE
);

COMMENT ON AGGREGATE sim.sample_pairs(float8[], boolean, boolean) IS
  'compares two numbers trial by trial, whose blocks of samples come in order, those of the second marked: {trials, mean difference, its standard error, Pearson''s correlation, Spearman''s}; NaN for what does not exist, and for Spearman''s unless ranks; trials that failed in either are left out';

CREATE FUNCTION sim.independent_error(std_error float8, other_std_error float8) RETURNS float8
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_independent_error';

COMMENT ON FUNCTION sim.independent_error(float8, float8) IS
  'gives the standard error of the difference of two independent numbers: the root of the sum of squares';

CREATE FUNCTION sim.percentile_rows(percentiles float8[], exact float8[], levels float8[], sketch float8[])
RETURNS TABLE (percentile float8, value float8, lower float8, upper float8)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'sim_percentile_rows';

COMMENT ON FUNCTION sim.percentile_rows(float8[], float8[], float8[], float8[]) IS
  'lists percentiles with bounds that hold them: the exact ones, or where these are NULL, what a sketch tells';

CREATE FUNCTION sim.exceedance_rows(points float8[], counts float8[], levels float8[], sketch float8[], trials bigint)
RETURNS TABLE (value float8, probability float8, lower float8, upper float8)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 50 AS 'MODULE_PATHNAME', 'sim_exceedance_rows';

COMMENT ON FUNCTION sim.exceedance_rows(float8[], float8[], float8[], float8[], bigint) IS
  'lists the share of trials beyond each point, with bounds that hold it: by the counts of inclusive sim.sample_counts, or where these are NULL, by a sketch';

CREATE FUNCTION sim.share_rows(edges float8[], counts float8[], levels float8[], sketch float8[], trials bigint)
RETURNS TABLE (bin integer, lower float8, upper float8, share float8, share_lower float8, share_upper float8)
LANGUAGE c IMMUTABLE PARALLEL SAFE ROWS 20 AS 'MODULE_PATHNAME', 'sim_share_rows';

COMMENT ON FUNCTION sim.share_rows(float8[], float8[], float8[], float8[], bigint) IS
  'lists the share of trials between the edges of a histogram, with bounds that hold it: by the counts of sim.sample_counts, or where these are NULL, by a sketch';

CREATE FUNCTION sim.sketch_edges(levels float8[], sketch float8[], bins integer) RETURNS float8[]
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_sketch_edges';

COMMENT ON FUNCTION sim.sketch_edges(float8[], float8[], integer) IS
  'gives round edges of about so many bins over the middle 99 % of what a sketch stands for, and one more on each side that is needed';

CREATE FUNCTION sim.find_run(
  run bigint,
  with_samples boolean DEFAULT false)
RETURNS bigint
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept boolean;
BEGIN
  SELECT r.keep_samples INTO kept FROM sim.stored_runs AS r WHERE r.run_id = find_run.run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'run % does not exist', coalesce(find_run.run::text, 'NULL')
      USING ERRCODE = 'undefined_object', HINT = 'View sim.runs lists the runs you may see.';
  ELSIF find_run.with_samples AND NOT kept THEN
    RAISE EXCEPTION 'run % keeps no samples', find_run.run
      USING ERRCODE = 'object_not_in_prerequisite_state', HINT = 'Run it again with keep_samples => true.';
  END IF;
  RETURN find_run.run;
END
$$;

COMMENT ON FUNCTION sim.find_run(bigint, boolean) IS
  'gives the number of a stored run back; one that does not exist is an error (42704), and so, where they are needed, is one without samples (55000)';

CREATE FUNCTION sim.run_data(
  run bigint)
RETURNS TABLE (name text, column_name text, place bigint, value float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT d.name, d.column_name, d.place, d.value
  FROM sim.stored_run_data AS r
  CROSS JOIN LATERAL sim.experiment_data(r.experiment) AS d
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_data.run);
END;

COMMENT ON FUNCTION sim.run_data(bigint) IS
  'lists the rows that bindings supplied to a stored run, as they were: of data blocks column by column, of inputs with NULL for column_name; none for a run that read more than 4 MB, and none for who is no member of its owner';

CREATE FUNCTION sim.run_percentiles(
  run bigint,
  percentiles float8[])
RETURNS TABLE (scenario text, output text, step integer, percentile float8, value float8, lower float8, upper float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.scenario, s.output, s.step, p.percentile, p.value, p.lower, p.upper
  FROM sim.stored_runs AS r
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  CROSS JOIN LATERAL (
    SELECT sim.sample_percentiles(a.samples, run_percentiles.percentiles, r.levels, s.sketch,
      s.trials OPERATOR(pg_catalog.-) s.failed_trials) AS exact
    FROM sim.stored_samples AS a
    WHERE a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place) AS x
  CROSS JOIN LATERAL sim.percentile_rows(run_percentiles.percentiles, x.exact, r.levels, s.sketch) AS p
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_percentiles.run)
  ORDER BY s.place;
END;

COMMENT ON FUNCTION sim.run_percentiles(bigint, float8[]) IS
  'gives percentiles of a stored run''s outputs without running again: exact where its samples are stored or a level of its sketch is asked for, otherwise a value between bounds that hold the exact one; percentiles as sim.percentiles';

CREATE FUNCTION sim.run_histogram(
  run bigint,
  bins integer DEFAULT 20)
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  bin integer,
  lower float8,
  upper float8,
  share float8,
  share_lower float8,
  share_upper float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.scenario, s.output, s.step, b.bin, b.lower, b.upper, b.share, b.share_lower, b.share_upper
  FROM sim.stored_runs AS r
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  CROSS JOIN LATERAL (SELECT sim.sketch_edges(r.levels, s.sketch, COALESCE(run_histogram.bins, 20)) AS edges) AS e
  CROSS JOIN LATERAL (
    SELECT sim.sample_counts(a.samples, e.edges, false) AS counts
    FROM sim.stored_samples AS a
    WHERE a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place) AS x
  CROSS JOIN LATERAL sim.share_rows(e.edges, x.counts, r.levels, s.sketch, s.trials OPERATOR(pg_catalog.-) s.failed_trials) AS b
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_histogram.run)
  ORDER BY s.place, b.bin;
END;

COMMENT ON FUNCTION sim.run_histogram(bigint, integer) IS
  'gives a histogram of a stored run''s outputs with about so many bins, without running again: round edges over the middle 99 % and a bin for each tail; exact shares where samples are stored, otherwise shares between bounds that hold the exact ones; a bin has its lower edge, the last its upper, too';

CREATE FUNCTION sim.run_exceedance(
  run bigint,
  thresholds float8[] DEFAULT NULL,
  points integer DEFAULT 50)
RETURNS TABLE (scenario text, output text, step integer, value float8, probability float8, lower float8, upper float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT s.scenario, s.output, s.step, c.value, c.probability, c.lower, c.upper
  FROM sim.stored_runs AS r
  JOIN sim.stored_results AS s ON s.run_id OPERATOR(pg_catalog.=) r.run_id
  CROSS JOIN LATERAL (
    SELECT CASE WHEN run_exceedance.thresholds IS NULL
      THEN sim.sketch_edges(r.levels, s.sketch, COALESCE(run_exceedance.points, 50))
      ELSE ARRAY(SELECT DISTINCT t.value FROM pg_catalog.unnest(run_exceedance.thresholds) AS t (value) ORDER BY t.value)
    END AS points) AS p
  CROSS JOIN LATERAL (
    SELECT sim.sample_counts(a.samples, p.points, true) AS counts
    FROM sim.stored_samples AS a
    WHERE a.run_id OPERATOR(pg_catalog.=) s.run_id AND a.place OPERATOR(pg_catalog.=) s.place) AS x
  CROSS JOIN LATERAL sim.exceedance_rows(p.points, x.counts, r.levels, s.sketch, s.trials OPERATOR(pg_catalog.-) s.failed_trials) AS c
  WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run_exceedance.run)
  ORDER BY s.place, c.value;
END;

COMMENT ON FUNCTION sim.run_exceedance(bigint, float8[], integer) IS
  'gives the probability that a stored run''s outputs exceed each threshold, or each of about so many round values, without running again: exact where samples are stored, otherwise between bounds that hold the exact one';

CREATE FUNCTION sim.find_step(
  run bigint,
  step integer)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  last integer;
BEGIN
  SELECT max(s.step) INTO last FROM sim.stored_results AS s WHERE s.run_id = find_step.run;
  IF find_step.step NOT BETWEEN 0 AND last THEN
    RAISE EXCEPTION 'run % has no step %', find_step.run, find_step.step
      USING ERRCODE = 'invalid_parameter_value', HINT = format('Its last step is %s.', last);
  END IF;
  RETURN find_step.step;
END
$$;

COMMENT ON FUNCTION sim.find_step(bigint, integer) IS
  'gives a step of a stored run back; one that a run with time does not have is an error (22023)';

CREATE FUNCTION sim.run_correlations(
  run bigint,
  step integer DEFAULT NULL)
RETURNS TABLE (scenario text, output text, other_output text, trials bigint, pearson float8, spearman float8)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH reported AS (
    SELECT DISTINCT ON (s.scenario, s.output) s.run_id, s.scenario, s.output, s.place
    FROM sim.stored_results AS s
    WHERE s.run_id OPERATOR(pg_catalog.=) sim.find_run(run_correlations.run, true)
      AND (s.step IS NULL OR run_correlations.step IS NULL
        OR s.step OPERATOR(pg_catalog.=) (SELECT sim.find_step(run_correlations.run, run_correlations.step)))
    ORDER BY s.scenario, s.output, s.step DESC)
  SELECT a.scenario, a.output, b.output, p.found[1]::bigint,
    NULLIF(p.found[4], 'NaN'::float8), NULLIF(p.found[5], 'NaN'::float8)
  FROM reported AS a
  JOIN reported AS b
    ON b.scenario OPERATOR(pg_catalog.=) a.scenario AND b.place OPERATOR(pg_catalog.>) a.place
  CROSS JOIN LATERAL (
    SELECT sim.sample_pairs(x.samples, x.second, true ORDER BY x.first_trial) AS found
    FROM (
      SELECT s.samples, s.first_trial, false AS second FROM sim.stored_samples AS s
      WHERE s.run_id OPERATOR(pg_catalog.=) a.run_id AND s.place OPERATOR(pg_catalog.=) a.place
      UNION ALL
      SELECT s.samples, s.first_trial, true FROM sim.stored_samples AS s
      WHERE s.run_id OPERATOR(pg_catalog.=) b.run_id AND s.place OPERATOR(pg_catalog.=) b.place) AS x) AS p
  ORDER BY a.place, b.place;
END;

COMMENT ON FUNCTION sim.run_correlations(bigint, integer) IS
  'gives Pearson''s and Spearman''s correlation of each two outputs of a stored run, trial by trial, over the trials in which both have a value; outputs with time at the step given, at their last where it is NULL; a step that the run does not have is an error (22023); a run without samples is an error (55000)';

CREATE FUNCTION sim.steps_per_year(step_label text) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE pg_catalog.rtrim(pg_catalog.lower(steps_per_year.step_label), 's')
    WHEN 'year' THEN 1 WHEN 'quarter' THEN 4 WHEN 'month' THEN 12 WHEN 'week' THEN 52 WHEN 'day' THEN 365 END;
END;

COMMENT ON FUNCTION sim.steps_per_year(text) IS
  'tells how many steps make a year by what a step is called: year, quarter, month, week, day, or their plurals; NULL for another name';

CREATE FUNCTION sim.run_yearly(
  run bigint,
  every integer DEFAULT NULL)
RETURNS TABLE (
  scenario text,
  output text,
  year integer,
  step integer,
  mean float8,
  std_error float8,
  stddev float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text;
  steps integer := run_yearly.every;
BEGIN
  SELECT r.step_label INTO label FROM sim.stored_runs AS r WHERE r.run_id = sim.find_run(run_yearly.run);
  IF steps < 1 THEN
    RAISE EXCEPTION 'every is %', steps
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the number of steps that make a year, 1 or more.';
  END IF;
  steps := coalesce(steps, sim.steps_per_year(label));
  IF steps IS NULL THEN
    RAISE EXCEPTION 'run % does not say how many of its steps make a year', run_yearly.run
      USING ERRCODE = 'invalid_parameter_value',
        DETAIL = coalesce('Its steps are called ' || quote_literal(label) || '.', 'Its steps have no name, or it has none.'),
        HINT = 'Say it, for example every => 12.';
  END IF;
  RETURN QUERY
    SELECT s.scenario, s.output, s.step / steps, s.step, s.mean, s.std_error, s.stddev, s.p05, s.p25, s.median, s.p75, s.p95
    FROM sim.stored_results AS s
    WHERE s.run_id = run_yearly.run AND s.step % steps = 0
    ORDER BY s.place;
END
$$;

COMMENT ON FUNCTION sim.run_yearly(bigint, integer) IS
  'gives the statistics of a stored run''s outputs with time once a year: at each step that is a multiple of `every`; NULL: 12 for steps called month, 1, 4, 52 or 365 for year, quarter, week or day; another name without `every` is an error (22023), so is less than 1';

CREATE FUNCTION sim.compare_runs(
  run bigint,
  other_run bigint)
RETURNS TABLE (
  kind text,
  scenario text,
  name text,
  step integer,
  value float8,
  other_value float8,
  difference float8,
  std_error float8,
  definition text,
  other_definition text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH asked AS (
    SELECT a.run_id AS a, b.run_id AS b,
      pg_catalog.jsonb_build_object('model', a.model, 'version', a.version, 'trials', a.trials, 'seed', a.seed) AS options,
      pg_catalog.jsonb_build_object('model', b.model, 'version', b.version, 'trials', b.trials, 'seed', b.seed) AS other_options,
      a.keep_samples AND b.keep_samples AND a.seed OPERATOR(pg_catalog.=) b.seed
        AND a.trials OPERATOR(pg_catalog.=) b.trials AS paired
    FROM sim.stored_runs AS a CROSS JOIN sim.stored_runs AS b
    WHERE a.run_id OPERATOR(pg_catalog.=) sim.find_run(compare_runs.run)
      AND b.run_id OPERATOR(pg_catalog.=) sim.find_run(compare_runs.other_run)),
  inputs AS (
    SELECT COALESCE(x.scenario, y.scenario) AS scenario, COALESCE(x.input, y.input) AS input,
      x.value, y.value AS other_value,
      COALESCE(x.definition, CASE WHEN x.value IS NULL THEN x.row_count::text OPERATOR(pg_catalog.||) ' rows' END) AS definition,
      COALESCE(y.definition, CASE WHEN y.value IS NULL THEN y.row_count::text OPERATOR(pg_catalog.||) ' rows' END) AS other_definition
    FROM (SELECT i.* FROM sim.stored_run_inputs AS i JOIN asked AS q ON q.a OPERATOR(pg_catalog.=) i.run_id) AS x
    FULL JOIN (SELECT i.* FROM sim.stored_run_inputs AS i JOIN asked AS q ON q.b OPERATOR(pg_catalog.=) i.run_id) AS y
      ON y.scenario OPERATOR(pg_catalog.=) x.scenario AND y.input OPERATOR(pg_catalog.=) x.input
    WHERE y.hash IS DISTINCT FROM x.hash
      AND COALESCE(x.scenario, y.scenario) IN (
        SELECT s.scenario FROM sim.stored_results AS s JOIN asked AS q ON q.a OPERATOR(pg_catalog.=) s.run_id
        INTERSECT
        SELECT s.scenario FROM sim.stored_results AS s JOIN asked AS q ON q.b OPERATOR(pg_catalog.=) s.run_id)),
  outputs AS (
    SELECT COALESCE(x.scenario, y.scenario) AS scenario, COALESCE(x.output, y.output) AS output,
      NULLIF(COALESCE(x.at, y.at), -1) AS step, x.mean, y.mean AS other_mean, x.std_error, y.std_error AS other_std_error,
      x.place, y.place AS other_place
    FROM (
      SELECT s.*, COALESCE(s.step, -1) AS at
      FROM sim.stored_results AS s JOIN asked AS q ON q.a OPERATOR(pg_catalog.=) s.run_id) AS x
    FULL JOIN (
      SELECT s.*, COALESCE(s.step, -1) AS at
      FROM sim.stored_results AS s JOIN asked AS q ON q.b OPERATOR(pg_catalog.=) s.run_id) AS y
      ON y.scenario OPERATOR(pg_catalog.=) x.scenario
      AND y.output OPERATOR(pg_catalog.=) x.output
      AND y.at OPERATOR(pg_catalog.=) x.at),
  -- One key, one result, to the last bit.
  same AS (
    SELECT x.scenario, x.output
    FROM asked AS q
    JOIN sim.stored_run_keys AS x ON x.run_id OPERATOR(pg_catalog.=) q.a
    JOIN sim.stored_run_keys AS y
      ON y.run_id OPERATOR(pg_catalog.=) q.b
      AND y.scenario OPERATOR(pg_catalog.=) x.scenario
      AND y.output OPERATOR(pg_catalog.=) x.output
      AND y.key OPERATOR(pg_catalog.=) x.key)
  SELECT 'option', NULL::text, o.key, NULL::integer, NULL::float8, NULL::float8, NULL::float8, NULL::float8,
    o.value, q.other_options OPERATOR(pg_catalog.->>) o.key
  FROM asked AS q CROSS JOIN LATERAL pg_catalog.jsonb_each_text(q.options) AS o
  WHERE o.value OPERATOR(pg_catalog.<>) (q.other_options OPERATOR(pg_catalog.->>) o.key)
  UNION ALL
  SELECT 'input', i.scenario, i.input, NULL::integer, i.value, i.other_value,
    i.other_value OPERATOR(pg_catalog.-) i.value, NULL::float8, i.definition, i.other_definition
  FROM inputs AS i
  UNION ALL
  SELECT 'output', o.scenario, o.output, o.step, o.mean, o.other_mean, o.other_mean OPERATOR(pg_catalog.-) o.mean,
    CASE WHEN e.output IS NOT NULL AND o.mean IS NOT NULL THEN 0
    WHEN q.paired AND o.place IS NOT NULL AND o.other_place IS NOT NULL THEN (
      SELECT NULLIF((sim.sample_pairs(x.samples, x.second, false ORDER BY x.first_trial))[3], 'NaN'::float8)
      FROM (
        SELECT s.samples, s.first_trial, false AS second FROM sim.stored_samples AS s
        WHERE s.run_id OPERATOR(pg_catalog.=) q.b AND s.place OPERATOR(pg_catalog.=) o.other_place
        UNION ALL
        SELECT s.samples, s.first_trial, true FROM sim.stored_samples AS s
        WHERE s.run_id OPERATOR(pg_catalog.=) q.a AND s.place OPERATOR(pg_catalog.=) o.place) AS x)
    ELSE sim.independent_error(o.std_error, o.other_std_error) END,
    NULL::text, NULL::text
  FROM outputs AS o
  CROSS JOIN asked AS q
  LEFT JOIN same AS e
    ON e.scenario OPERATOR(pg_catalog.=) o.scenario AND e.output OPERATOR(pg_catalog.=) o.output;
END;

COMMENT ON FUNCTION sim.compare_runs(bigint, bigint) IS
  'compares two stored runs: model, version, trials and seed where they differ; the inputs that differ in scenarios of both, with value and definition in each, and the means of all outputs, the other run''s minus this one''s; std_error is that of the difference: 0 where both have the same content key; of the paired trials where both runs keep samples and have one seed and as many trials; otherwise as of independent runs, which is too large where two results with one seed rise and fall together';

CREATE FUNCTION sim.csv_field(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE WHEN value OPERATOR(pg_catalog.~) '[",\n\r]'
    THEN pg_catalog.concat('"', pg_catalog.replace(value, '"', '""'), '"') ELSE value END;
END;

COMMENT ON FUNCTION sim.csv_field(text) IS 'puts a text in quotes where csv needs them';

CREATE FUNCTION sim.export_run(
  run bigint,
  format text DEFAULT 'csv')
RETURNS SETOF text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  columns CONSTANT text[] := ARRAY['run', 'model', 'version', 'scenario', 'output', 'step', 'unit', 'trials', 'failed_trials', 'mean',
    'std_error', 'stddev', 'skewness', 'kurtosis', 'min', 'p05', 'p25', 'median', 'p75', 'p95', 'max'];
BEGIN
  IF export_run.format NOT IN ('csv', 'json') OR export_run.format IS NULL THEN
    RAISE EXCEPTION 'no format is called %', coalesce(quote_literal(export_run.format), 'NULL')
      USING ERRCODE = 'invalid_parameter_value', HINT = 'There are csv and json.';
  END IF;
  PERFORM sim.find_run(export_run.run);
  PERFORM sim.record_export(export_run.run);
  IF export_run.format = 'csv' THEN
    RETURN NEXT array_to_string(columns, ',');
  END IF;
  RETURN QUERY
    SELECT CASE export_run.format
      WHEN 'json' THEN
        json_build_object('run', r.run_id, 'model', r.model, 'version', r.version, 'scenario', s.scenario,
          'output', s.output, 'step', s.step, 'unit', s.unit, 'trials', s.trials, 'failed_trials', s.failed_trials,
          'mean', s.mean, 'std_error', s.std_error, 'stddev', s.stddev, 'skewness', s.skewness, 'kurtosis', s.kurtosis,
          'min', s.min, 'p05', s.p05, 'p25', s.p25, 'median', s.median, 'p75', s.p75, 'p95', s.p95, 'max', s.max)::text
      ELSE
        array_to_string(ARRAY[r.run_id::text, sim.csv_field(r.model), r.version::text, sim.csv_field(s.scenario),
          sim.csv_field(s.output), s.step::text, sim.csv_field(s.unit), s.trials::text, s.failed_trials::text,
          s.mean::text, s.std_error::text, s.stddev::text, s.skewness::text, s.kurtosis::text,
          s.min::text, s.p05::text, s.p25::text, s.median::text, s.p75::text, s.p95::text, s.max::text], ',', '') END
    FROM sim.stored_runs AS r
    JOIN sim.stored_results AS s ON s.run_id = r.run_id
    WHERE r.run_id = export_run.run
    ORDER BY s.place;
END
$$;

COMMENT ON FUNCTION sim.export_run(bigint, text) IS
  'gives the statistics of a stored run as lines of text: csv with a head line, or json with an object a line; another format is an error (22023)';

CREATE FUNCTION sim.summary(
  run bigint)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT pg_catalog.jsonb_build_object(
    'run', r.run, 'name', r.name, 'tags', r.tags, 'model', r.model, 'version', r.version, 'trials', r.trials, 'seed', r.seed,
    'current', r.current, 'created_at', r.created_at, 'step_label', r.step_label,
    'outputs', (
      SELECT pg_catalog.jsonb_agg(o.output ORDER BY o.place)
      FROM (
        SELECT pg_catalog.min(s.place) AS place,
          pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
            'scenario', s.scenario, 'output', s.output, 'unit', pg_catalog.min(s.unit),
            'failed_trials', pg_catalog.max(s.failed_trials),
            'statistics', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
              'mean', s.mean, 'std_error', s.std_error, 'stddev', s.stddev, 'min', s.min, 'p05', s.p05, 'p25', s.p25,
              'median', s.median, 'p75', s.p75, 'p95', s.p95, 'max', s.max)) FILTER (WHERE f.is_last) OPERATOR(pg_catalog.->) 0,
            'histogram', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object('edges', h.edges, 'counts', h.counts))
              FILTER (WHERE f.is_last AND h.edges IS NOT NULL) OPERATOR(pg_catalog.->) 0,
            'fan', pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
              'step', s.step, 'p05', s.p05, 'p25', s.p25, 'median', s.median, 'p75', s.p75, 'p95', s.p95) ORDER BY s.step)
              FILTER (WHERE s.step IS NOT NULL
                AND (f.every IS NULL OR s.step OPERATOR(pg_catalog.%) f.every OPERATOR(pg_catalog.=) 0 OR f.is_last)))) AS output
        FROM (
          SELECT w.*, pg_catalog.max(w.step) OVER (PARTITION BY w.scenario, w.output) AS last_step
          FROM sim.stored_results AS w
          WHERE w.run_id OPERATOR(pg_catalog.=) r.run) AS s
        LEFT JOIN sim.stored_histograms AS h
          ON h.run_id OPERATOR(pg_catalog.=) s.run_id AND h.place OPERATOR(pg_catalog.=) s.place
        CROSS JOIN LATERAL (
          SELECT
            sim.steps_per_year(r.step_label) AS every,
            s.step IS NOT DISTINCT FROM s.last_step AS is_last) AS f
        GROUP BY s.scenario, s.output) AS o))
  FROM sim.runs AS r
  WHERE r.run OPERATOR(pg_catalog.=) sim.find_run(summary.run);
END;

COMMENT ON FUNCTION sim.summary(bigint) IS
  'gives a stored run as one compact document for a page: what it is and whether it is current, and for each output its statistics and histogram, at the last step where it has time, and its percentiles over time, once a year';

CREATE SEQUENCE sim.stored_result_view_ids AS integer;

COMMENT ON SEQUENCE sim.stored_result_view_ids IS 'numbers of result views, in which order they are locked';

GRANT USAGE ON SEQUENCE sim.stored_result_view_ids TO PUBLIC;

CREATE TABLE sim.stored_result_views (
  view_id integer PRIMARY KEY DEFAULT pg_catalog.nextval('sim.stored_result_view_ids'),
  name text NOT NULL,
  view regclass NOT NULL,
  relation regclass NOT NULL UNIQUE,
  owner regrole NOT NULL,
  model text NOT NULL,
  model_id integer,
  trials bigint,
  seed bigint NOT NULL,
  scenarios text[],
  overrides jsonb NOT NULL,
  percentiles float8[],
  refresh text NOT NULL
    CHECK (refresh OPERATOR(pg_catalog.=) ANY (ARRAY['on_commit', 'deferred', 'manual'])),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  version integer,
  refreshed_at timestamptz,
  duration interval,
  failure text,
  failed_keys bytea,
  snapshot pg_snapshot,
  transaction xid8
);

COMMENT ON TABLE sim.stored_result_views IS 'result views; see view sim.result_views';

COMMENT ON COLUMN sim.stored_result_views.view_id IS 'number of the result view';

COMMENT ON COLUMN sim.stored_result_views.name IS 'name with schema when it was made, for when the view is gone';

COMMENT ON COLUMN sim.stored_result_views.view IS 'plain view that users read';

COMMENT ON COLUMN sim.stored_result_views.relation IS 'materialized view that holds the statistics';

COMMENT ON COLUMN sim.stored_result_views.owner IS 'role that made it, for when the materialized view is gone';

COMMENT ON COLUMN sim.stored_result_views.model IS 'model as it was named at the last refresh, name or name@version, for when it is dropped';

COMMENT ON COLUMN sim.stored_result_views.model_id IS 'the model, which keeps its number when it is renamed';

COMMENT ON COLUMN sim.stored_result_views.trials IS 'number of trials; NULL as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_result_views.seed IS 'seed';

COMMENT ON COLUMN sim.stored_result_views.scenarios IS 'scenarios; NULL: the base alone';

COMMENT ON COLUMN sim.stored_result_views.overrides IS 'values of inputs by name';

COMMENT ON COLUMN sim.stored_result_views.percentiles IS 'percentiles with columns of their own';

COMMENT ON COLUMN sim.stored_result_views.refresh IS 'when it is refreshed: on_commit, deferred or manual';

COMMENT ON COLUMN sim.stored_result_views.created_at IS 'when it was made';

COMMENT ON COLUMN sim.stored_result_views.version IS 'version of the model at the last refresh';

COMMENT ON COLUMN sim.stored_result_views.refreshed_at IS 'when the last refresh began, before it read anything';

COMMENT ON COLUMN sim.stored_result_views.duration IS 'how long the last refresh took';

COMMENT ON COLUMN sim.stored_result_views.failure IS 'why the last refresh failed; NULL when it did not';

COMMENT ON COLUMN sim.stored_result_views.failed_keys IS 'digest of the keys with which it failed; NULL where they could not be found';

COMMENT ON COLUMN sim.stored_result_views.snapshot IS 'transactions that the last refresh saw for certain';

COMMENT ON COLUMN sim.stored_result_views.transaction IS 'transaction of the last refresh';

CREATE TABLE sim.stored_result_inputs (
  view_id integer NOT NULL,
  scenario text NOT NULL,
  input text NOT NULL,
  source text NOT NULL,
  definition text,
  value float8,
  rows bigint,
  hash bytea,
  PRIMARY KEY (view_id, scenario, input)
);

COMMENT ON TABLE sim.stored_result_inputs IS 'what each input was at the last refresh of a result view, to say what has changed since';

COMMENT ON COLUMN sim.stored_result_inputs.view_id IS 'the result view';

COMMENT ON COLUMN sim.stored_result_inputs.scenario IS 'scenario';

COMMENT ON COLUMN sim.stored_result_inputs.input IS 'input or data block';

COMMENT ON COLUMN sim.stored_result_inputs.source IS 'what supplied it: default, scenario, override or binding';

COMMENT ON COLUMN sim.stored_result_inputs.definition IS 'its text';

COMMENT ON COLUMN sim.stored_result_inputs.value IS 'its value, where it was one number';

COMMENT ON COLUMN sim.stored_result_inputs.rows IS 'number of bound rows';

COMMENT ON COLUMN sim.stored_result_inputs.hash IS 'hash of the value';

CREATE TABLE sim.stored_refresh_sources (
  relation regclass NOT NULL,
  model_id integer NOT NULL,
  view_id integer NOT NULL,
  PRIMARY KEY (relation, model_id, view_id)
);

COMMENT ON TABLE sim.stored_refresh_sources IS 'tables whose writers refresh result views when they commit';

COMMENT ON COLUMN sim.stored_refresh_sources.relation IS 'table that a binding of the model reads; sim.stored_models for the model itself';

COMMENT ON COLUMN sim.stored_refresh_sources.model_id IS 'the model, with sim.stored_models; else 0';

COMMENT ON COLUMN sim.stored_refresh_sources.view_id IS 'the result view';

CREATE TABLE sim.stored_restored_rows (
  view_id integer NOT NULL,
  scenario text,
  output text,
  step integer,
  trials bigint,
  failed_trials bigint,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8,
  percentiles float8[],
  key bytea
);

CREATE INDEX stored_restored_rows_by_view ON sim.stored_restored_rows (view_id);

COMMENT ON TABLE sim.stored_restored_rows IS 'rows that result views had when they were dumped, with which pg_restore fills them';

COMMENT ON COLUMN sim.stored_restored_rows.view_id IS 'the result view';

COMMENT ON COLUMN sim.stored_restored_rows.scenario IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.output IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.step IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.trials IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.failed_trials IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.mean IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.std_error IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.stddev IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.skewness IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.kurtosis IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.min IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.p05 IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.p25 IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.median IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.p75 IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.p95 IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.max IS 'as in sim.monte_carlo';

COMMENT ON COLUMN sim.stored_restored_rows.percentiles IS 'the percentiles that have columns of their own, in their order';

COMMENT ON COLUMN sim.stored_restored_rows.key IS 'key of what the row was computed from';

CREATE UNLOGGED TABLE sim.stored_refresh_queue (
  transaction xid8 NOT NULL,
  view_id integer NOT NULL,
  PRIMARY KEY (transaction, view_id)
);

COMMENT ON TABLE sim.stored_refresh_queue IS 'result views that running transactions refresh when they commit; nobody else ever sees a row';

COMMENT ON COLUMN sim.stored_refresh_queue.transaction IS 'the transaction';

COMMENT ON COLUMN sim.stored_refresh_queue.view_id IS 'the result view';

CREATE TABLE sim.stored_invalidations (
  name text NOT NULL,
  owner regrole NOT NULL,
  event text NOT NULL
    CHECK (event OPERATOR(pg_catalog.=) ANY (ARRAY['refreshed', 'failed', 'stale'])),
  reason text,
  table_name text,
  column_name text,
  changed_at timestamptz,
  changed_by text,
  began_at timestamptz NOT NULL,
  duration interval,
  computed bigint,
  reused bigint,
  performed_by regrole NOT NULL DEFAULT (pg_catalog.quote_ident(SESSION_USER)::regrole)
);

CREATE INDEX ON sim.stored_invalidations (began_at);

COMMENT ON TABLE sim.stored_invalidations IS 'history of result views; see view sim.invalidation_log';

COMMENT ON COLUMN sim.stored_invalidations.name IS 'result view';

COMMENT ON COLUMN sim.stored_invalidations.owner IS 'role whose members see the row';

COMMENT ON COLUMN sim.stored_invalidations.event IS 'refreshed, failed, or stale where a writer could not refresh or a manual view has become so';

COMMENT ON COLUMN sim.stored_invalidations.reason IS 'what had changed, or the error';

COMMENT ON COLUMN sim.stored_invalidations.table_name IS 'table that had changed';

COMMENT ON COLUMN sim.stored_invalidations.column_name IS 'column that had changed';

COMMENT ON COLUMN sim.stored_invalidations.changed_at IS 'when it had changed';

COMMENT ON COLUMN sim.stored_invalidations.changed_by IS 'who had changed it';

COMMENT ON COLUMN sim.stored_invalidations.began_at IS 'when the refresh began';

COMMENT ON COLUMN sim.stored_invalidations.duration IS 'how long it took';

COMMENT ON COLUMN sim.stored_invalidations.computed IS 'outputs of scenarios that were computed';

COMMENT ON COLUMN sim.stored_invalidations.reused IS 'outputs of scenarios that were found in the cache';

COMMENT ON COLUMN sim.stored_invalidations.performed_by IS 'role of the session in which it happened';

CREATE TRIGGER cascade AFTER DELETE ON sim.stored_result_views REFERENCING OLD TABLE AS gone
  FOR EACH STATEMENT EXECUTE FUNCTION sim.cascade(
    'DELETE FROM sim.stored_result_inputs WHERE view_id = ANY (ARRAY(SELECT view_id FROM gone))',
    'DELETE FROM sim.stored_refresh_sources WHERE view_id = ANY (ARRAY(SELECT view_id FROM gone))',
    'DELETE FROM sim.stored_restored_rows WHERE view_id = ANY (ARRAY(SELECT view_id FROM gone))');

ALTER TABLE sim.stored_result_views ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_restored_rows ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_result_inputs ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_refresh_sources ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_refresh_queue ENABLE ROW LEVEL SECURITY;

ALTER TABLE sim.stored_invalidations ENABLE ROW LEVEL SECURITY;

CREATE POLICY members ON sim.stored_result_views
  USING (pg_catalog.pg_has_role(
    COALESCE((SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid OPERATOR(pg_catalog.=) relation), owner), 'MEMBER'));

CREATE POLICY made ON sim.stored_result_views AS RESTRICTIVE FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(owner, 'MEMBER') AND 2 OPERATOR(pg_catalog.=) (
    SELECT pg_catalog.count(*) FROM pg_catalog.pg_class AS c
    WHERE c.oid OPERATOR(pg_catalog.=) CASE c.relkind WHEN 'm' THEN relation WHEN 'v' THEN view END
      AND pg_catalog.pg_has_role(c.relowner, 'MEMBER')));

CREATE POLICY numbered ON sim.stored_result_views AS RESTRICTIVE FOR INSERT
  WITH CHECK (view_id OPERATOR(pg_catalog.=) pg_catalog.currval('sim.stored_result_view_ids'::regclass));

CREATE POLICY members ON sim.stored_result_inputs
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_result_inputs.view_id));

CREATE POLICY members ON sim.stored_restored_rows
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_restored_rows.view_id));

CREATE POLICY members ON sim.stored_refresh_sources
  USING (EXISTS (
    SELECT FROM sim.stored_result_views AS v
    WHERE v.view_id OPERATOR(pg_catalog.=) stored_refresh_sources.view_id))
  WITH CHECK (
    EXISTS (
      SELECT FROM sim.stored_result_views AS v
      WHERE v.view_id OPERATOR(pg_catalog.=) stored_refresh_sources.view_id)
    AND CASE relation
      WHEN 'sim.stored_models'::regclass THEN sim.may_edit(model_id)
      ELSE model_id OPERATOR(pg_catalog.=) 0
    END);

CREATE POLICY members ON sim.stored_invalidations
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));

GRANT SELECT, DELETE ON sim.stored_result_views TO PUBLIC;

GRANT INSERT (view_id, name, view, relation, owner, model, model_id, trials, seed, scenarios, overrides, percentiles, refresh),
  UPDATE (model, model_id, version, refreshed_at, duration, failure, failed_keys, snapshot, transaction)
  ON sim.stored_result_views TO PUBLIC;

GRANT SELECT, DELETE ON sim.stored_restored_rows TO PUBLIC;

GRANT SELECT, INSERT, DELETE ON sim.stored_result_inputs, sim.stored_refresh_sources, sim.stored_invalidations TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_view_ids', '');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_views', 'WHERE view_id IN (SELECT sim.views_to_dump())');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_result_inputs', 'WHERE view_id IN (SELECT sim.views_to_dump())');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_refresh_sources',
  'WHERE view_id IN (SELECT sim.views_to_dump()) AND relation IN (SELECT oid FROM pg_catalog.pg_class)');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_restored_rows', 'WHERE false UNION ALL SELECT * FROM sim.rows_to_dump()');

SELECT pg_catalog.pg_extension_config_dump('sim.stored_invalidations', '');

CREATE FUNCTION sim.result_keys(
  relation regclass,
  OUT scenario text,
  OUT output text,
  OUT key bytea,
  OUT failed boolean,
  OUT as_of timestamptz)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL UNSAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_result_keys';

COMMENT ON FUNCTION sim.result_keys(regclass) IS
  'gives the keys of what the rows of a result view would be computed from now, found with the rights of its owner; those that cannot be computed have failed, and have none; where nothing can be told one row alone has failed, without names; what the plain view of a result view compares; relation is the materialized view, which or whose plain view the caller must be allowed to read';

CREATE FUNCTION sim.kept_keys(
  relation regclass,
  OUT scenario text,
  OUT output text,
  OUT key bytea)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_kept_keys';

COMMENT ON FUNCTION sim.kept_keys(regclass) IS
  'gives the keys of what the rows of a result view were computed from; relation is the materialized view, and nothing that its owner has defined on it is evaluated';

CREATE FUNCTION sim.named_version(
  model text)
RETURNS TABLE (model_id integer, model_name text, version integer, source text, created_at timestamptz, created_by regrole)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT m.model_id, m.name, v.version, v.source, v.created_at, v.created_by
  FROM (
    SELECT pg_catalog.split_part(model, '@', 1) AS given, pg_catalog.split_part(model, '@', 2) AS number) AS named
  JOIN sim.stored_models AS m ON m.name OPERATOR(pg_catalog.=) CASE
    WHEN named.given OPERATOR(pg_catalog.~~) '"%"'
      THEN pg_catalog.replace(pg_catalog.btrim(named.given, '"'), '""', '"')
    ELSE pg_catalog.lower(named.given COLLATE pg_catalog."C")
  END
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) CASE named.number WHEN '' THEN m.current_version ELSE named.number::integer END;
END;

COMMENT ON FUNCTION sim.named_version(text) IS
  'gives the version that name or name@version stands for; no row where there is none';

CREATE FUNCTION sim.model_reference(
  name text,
  reference text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT COALESCE(
    pg_catalog.quote_ident(name) OPERATOR(pg_catalog.||) pg_catalog.substr(reference, NULLIF(pg_catalog.strpos(reference, '@'), 0)),
    pg_catalog.quote_ident(name),
    reference);
END;

COMMENT ON FUNCTION sim.model_reference(text, text) IS
  'puts the name of a model into a reference to it, name or name@version; gives the reference as it is where the name is NULL';

CREATE FUNCTION sim.result_view_model(
  view_id integer)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET row_security = on
BEGIN ATOMIC
  SELECT sim.model_reference(m.name, v.model)
  FROM sim.stored_result_views AS v
  LEFT JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) v.model_id
  WHERE v.view_id OPERATOR(pg_catalog.=) result_view_model.view_id;
END;

COMMENT ON FUNCTION sim.result_view_model(integer) IS
  'gives the name, or name@version, that the model of a result view, given by its number, has now; that of its last refresh once the model is dropped';

CREATE FUNCTION sim.result_changes(
  view_id integer)
RETURNS TABLE (reason text, table_name text, column_name text, changed_at timestamptz, changed_by text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  now_used record;
  change record;
  followed record;
BEGIN
  SELECT v.* INTO STRICT kept FROM sim.stored_result_views AS v WHERE v.view_id = result_changes.view_id;
  kept.model := sim.result_view_model(view_id);
  SELECT n.* INTO now_used FROM sim.named_version(kept.model) AS n;
  IF now_used.version <> kept.version THEN
    RETURN QUERY SELECT
      format('model %s replaced: version %s -> %s', now_used.model_name, kept.version, now_used.version),
      NULL::text, NULL::text, now_used.created_at, now_used.created_by::text;
  END IF;
  FOR change IN
    WITH before AS (
      SELECT i.scenario, i.input, i.source, i.definition, i.value, i.rows, i.hash
      FROM sim.stored_result_inputs AS i WHERE i.view_id = result_changes.view_id),
    now AS (
      SELECT e.scenario, e.input, e.source, e.definition, e.value, e.rows, e.hash
      FROM sim.effective_inputs(kept.model, kept.scenarios, kept.overrides) AS e),
    differing AS (
      SELECT
        COALESCE(now.scenario, before.scenario) AS scenario,
        COALESCE(now.input, before.input) AS input,
        before.source AS old_source,
        now.source AS new_source,
        COALESCE(before.value::text, before.rows || ' rows', before.definition) AS was,
        COALESCE(now.value::text, now.rows || ' rows', now.definition) AS is_now
      FROM before FULL JOIN now ON now.scenario = before.scenario AND now.input = before.input
      WHERE (now.source, now.definition, now.value, now.rows, now.hash)
        IS DISTINCT FROM (before.source, before.definition, before.value, before.rows, before.hash)
        -- What has no value has not changed to another one.
        AND (now.input IS NULL OR now.hash IS NOT NULL))
    SELECT 1 AS place, NULL AS input, 'scenario' AS old_source, 'scenario' AS new_source,
      format('scenario %s %s', d.scenario, CASE WHEN bool_or(d.old_source IS NULL) THEN 'added' ELSE 'gone' END) AS what,
      NULL AS arrow
    FROM differing AS d
    WHERE d.scenario NOT IN (SELECT before.scenario FROM before) OR d.scenario NOT IN (SELECT now.scenario FROM now)
    GROUP BY d.scenario
    UNION ALL
    SELECT CASE d.new_source WHEN 'binding' THEN 0 ELSE 2 END, d.input, d.old_source, d.new_source,
      CASE WHEN 'scenario' IN (d.old_source, d.new_source)
        THEN format('scenario %s changed: %s', min(d.scenario), d.input) ELSE d.input END,
      CASE WHEN d.was <> d.is_now THEN format(' %s -> %s', d.was, d.is_now) ELSE '' END
    FROM differing AS d
    WHERE d.scenario IN (SELECT before.scenario FROM before) AND d.scenario IN (SELECT now.scenario FROM now)
    GROUP BY d.input, d.old_source, d.new_source, d.was, d.is_now
    ORDER BY 1, 5
  LOOP
    SELECT f.* INTO followed FROM sim.followed_change(kept, now_used.model_id, now_used.model_name, change.input) AS f
      WHERE change.old_source = 'binding' AND change.new_source = 'binding';
    RETURN QUERY SELECT
      CASE
        WHEN change.place = 1 OR 'scenario' IN (change.old_source, change.new_source) THEN concat(change.what, change.arrow)
        WHEN change.new_source IS NULL THEN change.what || ' gone'
        WHEN change.old_source IS NULL THEN change.what || ' added'
        WHEN change.old_source <> 'binding' AND change.new_source = 'binding' THEN format('%s bound:%s', change.what, change.arrow)
        WHEN change.old_source = 'binding' AND change.new_source <> 'binding' THEN format('%s unbound:%s', change.what, change.arrow)
        WHEN change.new_source = 'binding'
          THEN format('%s changed: %s%s', COALESCE(followed.column_path, 'what the query gives'), change.what, change.arrow)
        ELSE format('%s changed%s', change.what, ':' || NULLIF(change.arrow, ''))
      END,
      followed.table_name, followed.column_name, followed.changed_at, followed.changed_by;
  END LOOP;
END
$$;

COMMENT ON FUNCTION sim.result_changes(integer) IS
  'lists what has changed since the last refresh of a result view, given by its number';

CREATE FUNCTION sim.only_change(
  kept sim.stored_result_views,
  model_name text,
  input text,
  OUT changed_at timestamptz,
  OUT changed_by text)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  WITH RECURSIVE family AS (
    -- A partition is changed by itself.
    SELECT s.relation::oid AS member
    FROM sim.binding_sources AS s
    WHERE s.model OPERATOR(pg_catalog.=) only_change.model_name AND s.name OPERATOR(pg_catalog.=) only_change.input
    UNION
    SELECT i.inhrelid
    FROM family AS f JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) f.member),
  -- One that began before the refresh may have ended after it, and so may what a refresh at the end of a transaction has seen.
  since AS (
    SELECT c.transaction, c.changed_at, c.changed_by::text AS changed_by, c.command
    FROM sim.stored_changes AS c
    WHERE c.relation IN (SELECT f.member FROM family AS f)
      AND (COALESCE(NOT pg_catalog.pg_visible_in_snapshot(c.transaction, (kept).snapshot), true)
        OR c.changed_at OPERATOR(pg_catalog.>=) (kept).refreshed_at)
      AND COALESCE(
        c.transaction OPERATOR(pg_catalog.<>) (kept).transaction
          OR (kept).refresh OPERATOR(pg_catalog.<>) 'on_commit'
          OR c.changed_at OPERATOR(pg_catalog.>=) (kept).refreshed_at,
        true))
  SELECT pg_catalog.min(c.changed_at), pg_catalog.min(c.changed_by)
  FROM since AS c
  HAVING pg_catalog.count(DISTINCT c.transaction) OPERATOR(pg_catalog.=) 1
    AND pg_catalog.bool_and(c.command OPERATOR(pg_catalog.<>) 'several')
    -- None is missing among them.
    AND (SELECT pg_catalog.bool_and(pg_catalog.has_any_column_privilege(f.member, 'SELECT')) FROM family AS f)
    AND NOT EXISTS (
      SELECT FROM sim.binding_sources AS s
      WHERE s.model OPERATOR(pg_catalog.=) only_change.model_name AND s.name OPERATOR(pg_catalog.=) only_change.input
        AND NOT s.tracked);
END;

COMMENT ON FUNCTION sim.only_change(sim.stored_result_views, text, text) IS
  'tells when and by whom the tables of a binding were changed since the last refresh of a result view, where one transaction alone has written rows of them; a change of the tables by ALTER TABLE is not told';

CREATE FUNCTION sim.followed_change(
  kept sim.stored_result_views,
  model_id integer,
  model_name text,
  input text)
RETURNS TABLE (table_name text, column_name text, column_path text, changed_at timestamptz, changed_by text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- The columns that the query hands on by their own names, or all that it reads.
  RETURN QUERY
    SELECT
      s.relation_name::text,
      named.columns,
      COALESCE((SELECT c.relname FROM pg_class AS c WHERE c.oid = s.relation), s.relation_name) || COALESCE('.' || named.columns, ''),
      alone.changed_at,
      alone.changed_by
    FROM sim.binding_sources AS s
    JOIN sim.stored_bindings AS b
      ON b.model_id = followed_change.model_id AND b.name = followed_change.input
    CROSS JOIN LATERAL (
      SELECT COALESCE(
        string_agg(c.name, ', ') FILTER (WHERE a.attname IS NOT NULL), string_agg(c.name, ', ')) AS columns
      FROM unnest(s.columns) AS c (name)
      LEFT JOIN pg_attribute AS a ON a.attrelid = b.view AND a.attname = c.name) AS named
    LEFT JOIN LATERAL (
      -- A partition is changed by itself.
      WITH RECURSIVE family AS (
        SELECT s.relation::oid AS member
        UNION
        SELECT i.inhrelid FROM family AS f JOIN pg_inherits AS i ON i.inhparent = f.member)
      SELECT c.changed_at FROM family AS f JOIN sim.stored_changes AS c ON c.relation = f.member
      ORDER BY c.transaction DESC LIMIT 1) AS last ON true
    CROSS JOIN LATERAL sim.only_change(kept, followed_change.model_name, followed_change.input) AS alone
    WHERE s.model = followed_change.model_name AND s.name = followed_change.input
    ORDER BY last.changed_at DESC NULLS LAST, s.relation_name
    LIMIT 1;
END
$$;

COMMENT ON FUNCTION sim.followed_change(sim.stored_result_views, integer, text, text) IS
  'names the table of a binding that was changed last; and by whom and when, as sim.only_change';

CREATE FUNCTION sim.digest_of_keys(
  kept sim.stored_result_views)
RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT CASE WHEN pg_catalog.bool_and(k.key IS NOT NULL)
    THEN pg_catalog.sha256(pg_catalog.string_agg(k.key, ''::bytea ORDER BY k.scenario, k.output)) END
  FROM sim.output_keys((kept).model, (kept).trials, (kept).seed, (kept).scenarios, (kept).overrides) AS k;
END;

COMMENT ON FUNCTION sim.digest_of_keys(sim.stored_result_views) IS 'one hash of all keys that a result view has now; NULL where one is missing';

CREATE FUNCTION sim.needs_refresh(
  kept sim.stored_result_views)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT FROM (SELECT DISTINCT k.scenario, k.output, k.key FROM sim.kept_keys((kept).relation) AS k) AS before
    FULL JOIN sim.output_keys((kept).model, (kept).trials, (kept).seed, (kept).scenarios, (kept).overrides) AS now
      ON now.scenario OPERATOR(pg_catalog.=) before.scenario AND now.output OPERATOR(pg_catalog.=) before.output
    WHERE now.key IS DISTINCT FROM before.key AND (now.output IS NULL OR now.key IS NOT NULL));
END;

COMMENT ON FUNCTION sim.needs_refresh(sim.stored_result_views) IS
  'tells whether a refresh of a result view that holds rows would give other rows, those that can be computed; others stay as they are';

CREATE FUNCTION sim.result_view_state(
  view_id integer,
  OUT state text,
  OUT reason text,
  OUT table_name text,
  OUT column_name text,
  OUT changed_at timestamptz,
  OUT changed_by text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  filled boolean;
  differs boolean;
  more bigint;
  detail text;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = result_view_state.view_id;
  kept.model := sim.result_view_model(view_id);
  SELECT c.relispopulated INTO filled FROM pg_class AS c
    WHERE c.oid = kept.relation AND EXISTS (SELECT FROM pg_class AS p WHERE p.oid = kept.view);
  IF filled IS NULL THEN
    state := 'failed';
    reason := 'its relations were dropped without sim.drop_result_view';
    RETURN;
  END IF;
  IF NOT filled THEN
    state := 'stale';
    reason := 'it holds no rows yet';
    RETURN;
  END IF;
  BEGIN
    -- Not by a query of the relation: who asks may be a superuser, and it may be anybody's.
    differs := EXISTS (
      SELECT FROM (SELECT DISTINCT k.scenario, k.output, k.key FROM sim.kept_keys(kept.relation) AS k) AS kept_now
      FULL JOIN sim.output_keys(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides) AS now
        ON now.scenario = kept_now.scenario AND now.output = kept_now.output AND now.key = kept_now.key
      WHERE now.key IS NULL OR kept_now.key IS NULL);
    IF NOT differs THEN
      state := 'current';
      RETURN;
    END IF;
    -- What cannot be computed is the reason before all others.
    PERFORM sim.require_keys(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides);
    SELECT c.*, count(*) OVER () - 1 INTO reason, table_name, column_name, changed_at, changed_by, more
      FROM sim.result_changes(view_id) AS c LIMIT 1;
    reason := COALESCE(reason || CASE WHEN more > 0 THEN format(' and %s more', more) ELSE '' END,
      CASE
        WHEN pg_relation_size(kept.relation) = 0 THEN 'it holds no rows yet'
        WHEN EXISTS (
          SELECT FROM sim.stored_invalidations AS i
          WHERE i.name = kept.name AND i.event = 'refreshed' AND i.began_at > kept.refreshed_at)
        THEN 'some of it could not be computed when it was refreshed'
        ELSE 'computed by another version of pg_simulate' END);
  EXCEPTION
    WHEN object_not_in_prerequisite_state THEN
      -- Of a binding that is broken: the detail says by what.
      GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
      state := 'failed';
      reason := concat_ws(': ', SQLERRM, rtrim(detail, '.'));
      SELECT min(s.relation_name) INTO table_name FROM sim.named_version(kept.model) AS n
        JOIN sim.binding_sources AS s ON s.model = n.model_name AND s.relation IS NULL;
      RETURN;
    WHEN OTHERS THEN
      state := 'failed';
      reason := SQLERRM;
      RETURN;
  END;
  IF EXISTS (
    SELECT FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
    WHERE l.locktype = 'object' AND l.granted AND d.datname = current_database()
      AND l.classid = 'sim.stored_result_views'::regclass AND l.objid = view_id::oid
      AND l.pid <> pg_backend_pid())
  THEN
    state := 'refreshing';
  ELSIF kept.failed_keys = sim.digest_of_keys(kept) THEN
    state := 'failed';
    reason := kept.failure;
  ELSE
    state := 'stale';
  END IF;
END
$$;

COMMENT ON FUNCTION sim.result_view_state(integer) IS
  'tells whether a result view, given by its number, is current under the snapshot of the statement that asks, and if not, what has changed since, and whether another session refreshes it';

CREATE FUNCTION sim.lock_result_view(
  view_id integer,
  waits boolean DEFAULT true)
RETURNS boolean
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_lock_result_view';

COMMENT ON FUNCTION sim.lock_result_view(integer, boolean) IS
  'waits until no other transaction refreshes or drops a result view of the caller''s, given by its number, and keeps others from it until this one ends; with waits => false it gives false where it would have to wait';

CREATE FUNCTION sim.note_event(
  view_id integer,
  event text,
  reason text DEFAULT NULL,
  table_name text DEFAULT NULL,
  column_name text DEFAULT NULL,
  changed_at timestamptz DEFAULT NULL,
  changed_by text DEFAULT NULL,
  began_at timestamptz DEFAULT pg_catalog.clock_timestamp(),
  computed bigint DEFAULT NULL,
  reused bigint DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  INSERT INTO sim.stored_invalidations (
    name, owner, event, reason, table_name, column_name, changed_at, changed_by, began_at, duration, computed, reused)
  SELECT
    v.name, COALESCE(c.relowner::regrole, v.owner), event, reason, table_name, column_name, changed_at, changed_by, began_at,
    pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) began_at, computed, reused
  FROM sim.stored_result_views AS v
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation
  WHERE v.view_id OPERATOR(pg_catalog.=) note_event.view_id;
END;

COMMENT ON FUNCTION sim.note_event(
  integer, text, text, text, text, timestamptz, text, timestamptz, bigint, bigint) IS
  'adds a row to the history of a result view, given by its number';

CREATE FUNCTION sim.note_failure(
  view_id integer,
  failure text,
  error_code text)
RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v
    WHERE v.view_id = note_failure.view_id
      AND 2 = (SELECT count(*) FROM pg_class AS c WHERE c.oid IN (v.view, v.relation));
  IF NOT FOUND THEN
    RETURN 'failed';
  END IF;
  -- A table that was made anew has rows later: who writes them refreshes then.
  PERFORM sim.keep_refresh_sources(view_id);
  -- Cancelled, waited too long, out of step with others or out of memory: the next refresh may succeed.
  IF error_code ~ '^(40|53|57|58|72|55P03)' THEN
    PERFORM sim.note_stale(view_id, failure);
    RETURN 'stale';
  END IF;
  kept.model := sim.result_view_model(view_id);
  BEGIN
    kept.failed_keys := sim.digest_of_keys(kept);
  EXCEPTION WHEN OTHERS THEN
    kept.failed_keys := NULL;
  END;
  UPDATE sim.stored_result_views AS v SET failure = note_failure.failure, failed_keys = kept.failed_keys
    WHERE v.view_id = note_failure.view_id;
  -- A job that tries again and again fills the history once.
  IF kept.failure IS DISTINCT FROM note_failure.failure THEN
    PERFORM sim.note_event(view_id, 'failed', note_failure.failure);
  END IF;
  RETURN 'failed';
END
$$;

COMMENT ON FUNCTION sim.note_failure(integer, text, text) IS
  'keeps why the refresh of a result view, given by its number, failed; gives failed, or stale where the error need not come again';

CREATE FUNCTION sim.note_stale(
  view_id integer,
  failure text DEFAULT NULL)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  before record;
BEGIN
  PERFORM sim.keep_refresh_sources(view_id);
  SELECT s.* INTO before FROM sim.result_view_state(view_id) AS s;
  IF before.state <> 'current' THEN
    PERFORM sim.note_event(view_id, 'stale', concat_ws('; not refreshed: ', before.reason, failure), before.table_name, before.column_name,
      before.changed_at, before.changed_by);
  END IF;
END
$$;

COMMENT ON FUNCTION sim.note_stale(integer, text) IS
  'notes that a result view, given by its number, is left to be refreshed later, because of an error where there was one';

CREATE FUNCTION sim.refresh_view(
  view_id integer,
  max_staleness interval DEFAULT NULL)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
  kept sim.stored_result_views;
  before record;
  began timestamptz;
  complete boolean;
  computed bigint;
  reused bigint;
BEGIN
  PERFORM sim.check_writable('no result view can be refreshed', 'sim.read gives its rows as they are.');
  -- A reader waits for nobody where he need not.
  IF max_staleness IS NOT NULL AND (
    EXISTS (
      SELECT FROM sim.stored_result_views AS v
      WHERE v.view_id = refresh_view.view_id AND v.refreshed_at + max_staleness > clock_timestamp())
    OR (SELECT s.state = 'current' FROM sim.result_view_state(view_id) AS s))
  THEN
    RETURN false;
  END IF;
  -- What follows is read under snapshots that are taken when the lock is held.
  PERFORM sim.lock_result_view(view_id);
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = refresh_view.view_id;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the result view was dropped meanwhile' USING ERRCODE = 'undefined_object';
  END IF;
  kept.model := sim.result_view_model(view_id);
  UPDATE sim.stored_result_views AS v SET model = kept.model
    WHERE v.view_id = refresh_view.view_id AND v.model <> kept.model;
  SELECT s.* INTO before FROM sim.result_view_state(view_id) AS s;
  IF before.state = 'current' THEN
    -- The same numbers may come from other tables by now.
    PERFORM sim.keep_refresh_sources(view_id);
    UPDATE sim.stored_result_views AS v SET failure = NULL, failed_keys = NULL
      WHERE v.view_id = refresh_view.view_id AND v.failure IS NOT NULL;
    RETURN false;
  END IF;
  IF 2 > (SELECT count(*) FROM pg_class AS c WHERE c.oid IN (kept.view, kept.relation)) THEN
    RAISE EXCEPTION 'the relations of result view % were dropped', kept.name
      USING ERRCODE = 'undefined_object', HINT = 'Make it again with sim.create_result_view.';
  END IF;
  -- What cannot be computed stays as it is.  Where there is nothing else, why it cannot is the error.
  IF NOT (SELECT c.relispopulated FROM pg_class AS c WHERE c.oid = kept.relation)
    OR before.state = 'failed' AND NOT sim.needs_refresh(kept)
  THEN
    PERFORM sim.require_keys(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides);
  ELSIF before.state = 'failed' THEN
    SELECT before.state, c.* INTO before FROM sim.result_changes(view_id) AS c LIMIT 1;
  END IF;
  began := clock_timestamp();
  SELECT count(*) FILTER (WHERE NOT w.hit), count(*) FILTER (WHERE w.hit) INTO computed, reused
    FROM sim.warm_results(kept.model, kept.trials, kept.seed, kept.scenarios, kept.overrides, kept.percentiles) AS w
    WHERE current_setting('sim.cache') <> 'off';
  complete := sim.keep_result_inputs(view_id);
  -- What a dump has brought would be taken for the rows of now.
  DELETE FROM sim.stored_restored_rows AS r WHERE r.view_id = refresh_view.view_id;
  EXECUTE format('REFRESH MATERIALIZED VIEW %s %s',
    (SELECT 'CONCURRENTLY' FROM pg_class AS c WHERE c.oid = kept.relation AND c.relispopulated), kept.relation);
  UPDATE sim.stored_result_views AS v SET
      refreshed_at = began, duration = clock_timestamp() - began, failure = NULL, failed_keys = NULL
    WHERE v.view_id = refresh_view.view_id AND complete;
  PERFORM sim.note_event(view_id, 'refreshed', before.reason, before.table_name, before.column_name,
    before.changed_at, before.changed_by, began, computed, reused);
  RETURN true;
END
$$;

COMMENT ON FUNCTION sim.refresh_view(integer, interval) IS
  'refreshes a result view, given by its number, unless it is current or was refreshed less than max_staleness ago, and tells whether it did; what sim.refresh_result_view and all others call';

CREATE FUNCTION sim.refresh_stale(
  max_views integer DEFAULT NULL)
RETURNS TABLE (name text, event text, reason text, duration interval)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE ROWS 10
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  candidate record;
  began timestamptz;
  before record;
  done integer := 0;
BEGIN
  PERFORM sim.check_writable('no result view can be refreshed', 'View sim.result_views tells which are stale.');
  FOR candidate IN
    SELECT v.view_id, v.name FROM sim.stored_result_views AS v
    JOIN pg_class AS c ON c.oid = v.relation
    JOIN pg_class AS p ON p.oid = v.view
    WHERE v.refresh <> 'manual' AND pg_has_role(c.relowner, 'USAGE')
    ORDER BY v.failure IS NOT NULL, v.refreshed_at NULLS FIRST, v.view_id
  LOOP
    EXIT WHEN done >= max_views;
    SELECT s.* INTO before FROM sim.result_view_state(candidate.view_id) AS s;
    CONTINUE WHEN before.state IN ('current', 'refreshing')
      OR NOT sim.lock_result_view(candidate.view_id, waits => false);
    began := clock_timestamp();
    name := candidate.name;
    reason := before.reason;
    BEGIN
      CONTINUE WHEN NOT sim.refresh_view(candidate.view_id);
      event := 'refreshed';
    EXCEPTION WHEN OTHERS THEN
      event := sim.note_failure(candidate.view_id, SQLERRM, SQLSTATE);
      reason := SQLERRM;
    END;
    duration := clock_timestamp() - began;
    done := done + 1;
    RETURN NEXT;
  END LOOP;
  PERFORM sim.note_stale(v.view_id) FROM sim.stored_result_views AS v
    JOIN pg_class AS c ON c.oid = v.relation
    WHERE v.refresh = 'manual' AND pg_has_role(c.relowner, 'USAGE') AND NOT EXISTS (
      SELECT FROM sim.stored_invalidations AS i
      WHERE i.name = v.name AND i.event = 'stale' AND i.began_at > COALESCE(v.refreshed_at, v.created_at));
END
$$;

COMMENT ON FUNCTION sim.refresh_stale(integer) IS
  'refreshes the caller''s result views that are not current, those refreshed longest ago first, those that failed last, max_views at most, but for manual ones and those that another session refreshes; gives a row for each, also for one that failed; notes in the history, once, that a manual one has become stale; readers never wait; an error on a standby and in a read-only transaction (25006)';

CREATE FUNCTION sim.result_view_id(
  relation regclass,
  name text)
RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[] := parse_ident(name);
  id integer;
BEGIN
  IF name IS NULL THEN
    RAISE EXCEPTION 'name must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  -- Known by its relations, or by the name it had before somebody dropped them, with or without its schema.
  SELECT v.view_id INTO id FROM sim.stored_result_views AS v
    WHERE result_view_id.relation IN (v.view, v.relation)
      OR NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = v.view)
        AND (parts = parse_ident(v.name) OR result_view_id.relation IS NULL AND parts = (parse_ident(v.name))[2:])
    ORDER BY v.view_id DESC LIMIT 1;
  IF id IS NULL AND relation IS NOT NULL THEN
    -- Raises where it is none, or not for the caller's eyes.
    PERFORM FROM sim.result_keys(relation);
    RAISE EXCEPTION 'must be owner of result view %', relation
      USING ERRCODE = 'insufficient_privilege', HINT = format(
        'Members of its owner refresh and drop it by name. Whoever may read it may call sim.read(NULL::%s), which refreshes it, too.', relation);
  END IF;
  IF id IS NULL THEN
    RAISE EXCEPTION 'result view "%" does not exist', name
      USING ERRCODE = 'undefined_object', HINT = 'View sim.result_views lists those of your roles, by the names to use here.';
  END IF;
  RETURN id;
END
$$;

COMMENT ON FUNCTION sim.result_view_id(regclass, text) IS
  'gives the number of the result view that a relation is part of; one that does not exist is an error (42704), somebody else''s too (42501)';

CREATE FUNCTION sim.refresh_result_view(
  name text)
RETURNS boolean
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  -- The name is found along the caller's path.
  SELECT sim.refresh_view(sim.result_view_id(pg_catalog.to_regclass(name), name));
END;

COMMENT ON FUNCTION sim.refresh_result_view(text) IS
  'refreshes a result view unless it is current, and tells whether it had to; readers never wait; one that does not exist is an error (42704), and one whose owner the caller is no member of (42501), who may call sim.read; so is a standby or a read-only transaction (25006)';

CREATE FUNCTION sim.refresh_for_reader(
  relation regclass,
  max_staleness interval)
RETURNS text
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_refresh_for_reader';

COMMENT ON FUNCTION sim.refresh_for_reader(regclass, interval) IS
  'what sim.read calls first: sim.refresh_view with the rights of the result view''s owner, for a caller that may read it; gives the error of a refresh that failed';

CREATE FUNCTION sim.read(
  result_view anyelement,
  max_staleness interval DEFAULT '0')
RETURNS SETOF anyelement
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relation regclass;
  problem text;
BEGIN
  SELECT NULLIF(t.typrelid, 0)::regclass INTO relation FROM pg_type AS t WHERE t.oid = pg_typeof(result_view);
  IF relation IS NULL THEN
    RAISE EXCEPTION 'type % is not that of a result view', pg_typeof(result_view)
      USING ERRCODE = 'datatype_mismatch', HINT = 'Write sim.read(NULL::my_view).';
  END IF;
  IF max_staleness IS NULL THEN
    RAISE EXCEPTION 'max_staleness must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF NOT current_setting('transaction_read_only')::boolean THEN
    problem := sim.refresh_for_reader(relation, max_staleness);
  END IF;
  IF problem IS NOT NULL THEN
    RAISE WARNING 'result view % was not refreshed: %', relation, problem;
  END IF;
  RETURN QUERY EXECUTE format('SELECT * FROM %s', relation);
END
$$;

COMMENT ON FUNCTION sim.read(anyelement, interval) IS
  'gives the rows of a result view, SELECT * FROM sim.read(NULL::my_view), refreshed first where it is not current and the last refresh is longer ago than max_staleness; in a read-only transaction, or where the refresh fails, the rows as they are, with their state';

CREATE FUNCTION sim.queue_model_refreshes()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_queue_model_refreshes';

COMMENT ON FUNCTION sim.queue_model_refreshes() IS
  'trigger of the tables of models: queues the result views with refresh => ''on_commit'' of the model that is changed';

CREATE FUNCTION sim.refresh_queued()
RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_refresh_queued';

COMMENT ON FUNCTION sim.refresh_queued() IS
  'deferred trigger of sim.stored_refresh_queue: refreshes the result views that the transaction has queued';

CREATE CONSTRAINT TRIGGER refresh_queued AFTER INSERT ON sim.stored_refresh_queue
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION sim.refresh_queued();

ALTER TABLE sim.stored_refresh_queue ENABLE ALWAYS TRIGGER refresh_queued;

CREATE TRIGGER queue_model_refreshes AFTER UPDATE OR DELETE ON sim.stored_models
  FOR EACH ROW EXECUTE FUNCTION sim.queue_model_refreshes();

CREATE TRIGGER queue_model_refreshes AFTER INSERT OR UPDATE OR DELETE ON sim.stored_scenarios
  FOR EACH ROW EXECUTE FUNCTION sim.queue_model_refreshes();

CREATE TRIGGER queue_model_refreshes AFTER INSERT OR UPDATE OR DELETE ON sim.stored_bindings
  FOR EACH ROW EXECUTE FUNCTION sim.queue_model_refreshes();

CREATE FUNCTION sim.percentile_column(
  percentile float8)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT 'p' OPERATOR(pg_catalog.||) CASE
    WHEN percent OPERATOR(pg_catalog.<) 10 THEN '0' ELSE ''
  END OPERATOR(pg_catalog.||) pg_catalog.replace(percent::text, '.', '_')
  FROM (SELECT pg_catalog.trim_scale(percentile::numeric OPERATOR(pg_catalog.*) 100) AS percent) AS scaled;
END;

COMMENT ON FUNCTION sim.percentile_column(float8) IS
  'names the column of a percentile in a result view: p10 for 0.1, p99_5 for 0.995';

CREATE FUNCTION sim.time_column(
  kept sim.stored_result_views,
  start_date date,
  step_length interval)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  label text;
  length interval := step_length;
BEGIN
  IF start_date IS NULL AND step_length IS NOT NULL THEN
    RAISE EXCEPTION 'step_length needs a start_date'
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is what times count from: start_date => ''2027-01-01''.';
  ELSIF start_date IS NULL THEN
    RETURN NULL;
  ELSIF start_date + step_length <= start_date::timestamp THEN
    RAISE EXCEPTION 'step_length is %', step_length
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is the time from one step to the next, more than 0.';
  END IF;
  SELECT f.step_label INTO label FROM sim.named_version(kept.model) AS n, sim.model_facts(n.source) AS f WHERE f.steps > 0;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'model "%" has no time', kept.model
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave out start_date.';
  END IF;
  IF length IS NULL THEN
    length := CASE
      WHEN label ~ '^(hour|day|week|month|year)s?$' THEN ('1 ' || label)::interval
      WHEN label ~ '^quarters?$' THEN '3 months'::interval
    END;
  END IF;
  IF length IS NULL THEN
    RAISE EXCEPTION 'the length of a step of model "%" is not known', kept.model
      USING ERRCODE = 'invalid_parameter_value', HINT = 'Give it: step_length => ''1 month''.';
  END IF;
  -- A date is the same date for every reader, whatever his time zone.
  RETURN format('(%L::timestamp + d.step * %L::interval)::timestamptz', start_date, length);
END
$$;

COMMENT ON FUNCTION sim.time_column(sim.stored_result_views, date, interval) IS
  'writes the expression of the time of a step; NULL without a start date; a step length without one, or of 0 or less, is an error (22023)';

CREATE FUNCTION sim.make_result_relations(
  kept sim.stored_result_views,
  stored_name text,
  time_column text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  columns text;
BEGIN
  SELECT string_agg(format(', r.percentiles[%s] AS %I', q.place, sim.percentile_column(q.level)), '' ORDER BY q.place) INTO columns
    FROM unnest(kept.percentiles) WITH ORDINALITY AS q (level, place);
  EXECUTE format(
    'CREATE MATERIALIZED VIEW %s AS SELECT r.scenario, r.output, r.step, r.trials, r.failed_trials, r.mean, r.std_error, r.stddev,'
    ' r.skewness, r.kurtosis, r.min, r.p05, r.p25, r.median, r.p75, r.p95, r.max%s, r.key FROM sim.result_rows(%s) AS r WITH NO DATA',
    stored_name, columns, kept.view_id);
  EXECUTE format('CREATE UNIQUE INDEX ON %s (scenario, output, step) NULLS NOT DISTINCT', stored_name);
  SELECT string_agg(
      format('d.%I', a.attname) || CASE WHEN a.attname = 'step' THEN COALESCE(', ' || time_column || ' AS "time"', '') ELSE '' END,
      ', ' ORDER BY a.attnum)
    INTO columns FROM pg_attribute AS a
    WHERE a.attrelid = stored_name::regclass AND a.attnum > 0 AND a.attname <> 'key';
  EXECUTE format(
    'CREATE VIEW %s AS WITH now AS MATERIALIZED (SELECT * FROM sim.result_keys(%L::regclass))'
    ' SELECT %s, CASE WHEN n.key = d.key THEN ''current'' WHEN COALESCE(n.failed, a.failed) THEN ''failed'' ELSE ''stale'' END AS state,'
    ' a.as_of FROM %s AS d'
    ' CROSS JOIN (SELECT bool_or(failed AND scenario IS NULL) AS failed, max(as_of) AS as_of FROM now) AS a'
    ' LEFT JOIN now AS n ON n.scenario = d.scenario AND n.output = d.output',
    kept.name, stored_name, columns, stored_name);
  EXECUTE format('COMMENT ON VIEW %s IS %L', kept.name, 'results of model ' || kept.model);
  EXECUTE format('COMMENT ON MATERIALIZED VIEW %s IS %L', stored_name, 'what view ' || kept.name || ' shows');
END
$$;

COMMENT ON FUNCTION sim.make_result_relations(sim.stored_result_views, text, text) IS
  'makes the materialized view of a result view, empty, and its plain view, as the caller';

CREATE FUNCTION sim.check_writers(
  kept sim.stored_result_views)
RETURNS void
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  source record;
  used record;
BEGIN
  SELECT n.* INTO used FROM sim.named_version(kept.model) AS n;
  IF kept.refresh = 'on_commit' AND NOT sim.may_edit(used.model_id) THEN
    RAISE NOTICE 'changes of model % do not refresh result view %', used.model_name, kept.name
      USING DETAIL = 'That takes the time of who makes them, so it needs the privilege edit.';
  END IF;
  FOR source IN
    SELECT DISTINCT s.relation, s.relation_name, s.tracked, s.reason FROM sim.binding_sources AS s
    WHERE kept.refresh = 'on_commit' AND s.model = used.model_name
  LOOP
    IF NOT source.tracked THEN
      RAISE NOTICE 'writers of % do not refresh result view %', source.relation_name, kept.name
        USING DETAIL = COALESCE('It is not tracked: ' || source.reason, 'It is not tracked.'),
          HINT = CASE WHEN has_table_privilege(source.relation, 'TRIGGER') THEN ''
            ELSE 'They do when its owner has called sim.track and granted TRIGGER on it to the owner of the result view.' END;
    ELSIF NOT has_table_privilege(source.relation, 'TRIGGER') THEN
      RAISE EXCEPTION 'writers of % cannot refresh result view %', source.relation_name, kept.name
        USING ERRCODE = 'insufficient_privilege',
          DETAIL = 'That takes their time, so it needs the right TRIGGER on the table.',
          HINT = 'Use refresh => ''deferred'', or have the owner of the table grant the right.';
    END IF;
  END LOOP;
  -- What the query calls may change without any table of its own.
  FOR source IN
    SELECT b.name, b.reason FROM sim.bindings AS b
    WHERE kept.refresh = 'on_commit' AND b.model = used.model_name AND b.state = 'untracked'
      AND NOT EXISTS (
        SELECT FROM sim.binding_sources AS s WHERE s.model = b.model AND s.name = b.name AND NOT s.tracked)
  LOOP
    RAISE NOTICE 'not all changes of what "%" reads refresh result view %', source.name, kept.name
      USING DETAIL = 'It is not tracked: ' || source.reason;
  END LOOP;
END
$$;

COMMENT ON FUNCTION sim.check_writers(sim.stored_result_views) IS
  'refuses refresh => ''on_commit'' where the caller may not put triggers on the tables of the model (42501), and tells which are not tracked';

CREATE FUNCTION sim.make_result_view(
  kept sim.stored_result_views,
  path_schema text,
  start_date date,
  step_length interval)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[] := parse_ident(kept.name);
  stored_name text;
  taken regclass;
BEGIN
  IF kept.refresh IS NULL OR kept.refresh <> ALL (ARRAY['on_commit', 'deferred', 'manual']) THEN
    RAISE EXCEPTION 'refresh cannot be %', quote_nullable(kept.refresh)
      USING ERRCODE = 'invalid_parameter_value', HINT = 'It is ''on_commit'', ''deferred'' or ''manual''.';
  END IF;
  IF kept.name IS NULL OR kept.model IS NULL OR kept.seed IS NULL THEN
    RAISE EXCEPTION 'name, model and seed must not be null' USING ERRCODE = 'null_value_not_allowed';
  END IF;
  IF cardinality(parts) > 2 OR octet_length(parts[cardinality(parts)]) > 56 THEN
    RAISE EXCEPTION '"%" cannot be the name of a result view', kept.name
      USING ERRCODE = 'invalid_name', HINT = 'Name it view or schema.view, with 56 bytes at most: its rows are in view_stored.';
  END IF;
  IF cardinality(parts) = 1 THEN
    IF path_schema IS NULL THEN
      RAISE EXCEPTION 'no schema has been selected to create in' USING ERRCODE = 'undefined_schema';
    END IF;
    parts := ARRAY[path_schema] || parts;
  END IF;
  kept.name := format('%I.%I', parts[1], parts[2]);
  stored_name := format('%I.%I', parts[1], parts[2] || '_stored');
  kept.owner := (SELECT u.oid::regrole FROM pg_roles AS u WHERE u.rolname = CURRENT_USER);
  kept.overrides := COALESCE(kept.overrides, '{}');
  IF EXISTS (SELECT FROM unnest(kept.percentiles) AS q WHERE q IS NULL) THEN
    RAISE EXCEPTION 'a percentile must not be null'
      USING ERRCODE = 'null_value_not_allowed',
        HINT = 'Percentiles are fractions as in percentile_cont: ARRAY[0.05, 0.5, 0.95].';
  END IF;
  kept.percentiles := ARRAY(
    SELECT DISTINCT q FROM unnest(kept.percentiles) AS q WHERE q NOT IN (0.05, 0.25, 0.5, 0.75, 0.95) ORDER BY q);
  kept.percentiles := NULLIF(kept.percentiles, '{}');
  kept.view_id := nextval('sim.stored_result_view_ids');
  kept.model_id := (SELECT n.model_id FROM sim.named_version(kept.model) AS n);
  taken := COALESCE(to_regclass(kept.name), to_regclass(stored_name));
  IF taken IS NOT NULL THEN
    RAISE EXCEPTION 'relation % already exists', taken
      USING ERRCODE = 'duplicate_table',
        DETAIL = format('Result view %s would consist of %1$s and %s.', kept.name, stored_name),
        HINT = CASE
          WHEN EXISTS (SELECT FROM sim.stored_result_views AS v WHERE taken IN (v.view, v.relation))
          THEN format('Call sim.drop_result_view(%L) first.', taken)
          ELSE 'Take another name.'
        END;
  END IF;
  IF NOT has_database_privilege(current_database(), 'TEMPORARY') THEN
    RAISE EXCEPTION 'result view % could not be refreshed', kept.name
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'A refresh makes a temporary table, so that readers need not wait, and that takes the right TEMPORARY on the database.',
        HINT = format('Have its owner call GRANT TEMPORARY ON DATABASE %I TO %s.', current_database(), kept.owner);
  END IF;
  PERFORM sim.make_result_relations(kept, stored_name, sim.time_column(kept, start_date, step_length));
  -- What somebody dropped without sim.drop_result_view does not stand in the way of a name.
  DELETE FROM sim.stored_result_views AS v
    WHERE v.name = kept.name AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = v.view)
      OR v.view = kept.name::regclass OR v.relation = stored_name::regclass;
  INSERT INTO sim.stored_result_views
    (view_id, name, view, relation, owner, model, model_id, trials, seed, scenarios, overrides, percentiles, refresh)
    VALUES (kept.view_id, kept.name, kept.name::regclass, stored_name::regclass, kept.owner, kept.model, kept.model_id,
      kept.trials, kept.seed, kept.scenarios, kept.overrides, kept.percentiles, kept.refresh)
    RETURNING * INTO kept;
  PERFORM sim.check_writers(kept);
  PERFORM sim.refresh_view(kept.view_id);
END
$$;

COMMENT ON FUNCTION sim.make_result_view(sim.stored_result_views, text, date, interval) IS
  'what sim.create_result_view calls with the first schema of the caller''s path';

CREATE FUNCTION sim.create_result_view(
  name text,
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}',
  percentiles float8[] DEFAULT NULL,
  refresh text DEFAULT 'deferred',
  start_date date DEFAULT NULL,
  step_length interval DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT sim.make_result_view(
    ROW(NULL, name, NULL, NULL, NULL, model, NULL, trials, seed, scenarios, overrides, percentiles, refresh, NULL, NULL, NULL,
      NULL, NULL, NULL, NULL, NULL)::sim.stored_result_views,
    pg_catalog.current_schema(), start_date, step_length);
END;

COMMENT ON FUNCTION sim.create_result_view(
  text, text, bigint, bigint, text[], jsonb, float8[], text, date, interval) IS
  'makes a plain view of the statistics of sim.monte_carlo, with state and as_of, over a materialized view named after it with _stored, both the caller''s, in the schema that the name says or the first on the caller''s search_path; percentiles get columns of their own (p10, p99_5), steps a time from start_date; refresh: on_commit (at the end of each writer''s transaction), deferred (by sim.refresh_stale) or manual; other arguments as sim.monte_carlo; a name that is taken is an error (42P07)';

CREATE FUNCTION sim.drop_result_relations(
  relation regclass,
  name text,
  if_exists boolean)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  PERFORM sim.check_writable('no result view can be dropped');
  BEGIN
    kept.view_id := sim.result_view_id(relation, name);
  EXCEPTION WHEN undefined_object THEN
    IF NOT if_exists THEN
      RAISE;
    END IF;
    RAISE NOTICE 'result view "%" does not exist, skipping', name;
    RETURN;
  END;
  PERFORM sim.lock_result_view(kept.view_id);
  DELETE FROM sim.stored_result_views AS v WHERE v.view_id = kept.view_id RETURNING v.* INTO kept;
  IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = kept.view) THEN
    EXECUTE format('DROP VIEW %s', kept.view);
  END IF;
  IF EXISTS (SELECT FROM pg_class AS c WHERE c.oid = kept.relation) THEN
    EXECUTE format('DROP MATERIALIZED VIEW %s', kept.relation);
  END IF;
END
$$;

COMMENT ON FUNCTION sim.drop_result_relations(regclass, text, boolean) IS
  'drops what the result view that a relation is part of consists of; what sim.drop_result_view calls';

CREATE FUNCTION sim.drop_result_view(
  name text,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  SELECT sim.drop_result_relations(pg_catalog.to_regclass(name), name, if_exists);
END;

COMMENT ON FUNCTION sim.drop_result_view(text, boolean) IS
  'drops a result view with its materialized view, unless something depends on them (2BP01); its history stays; one that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.prune_invalidations(
  keep interval)
RETURNS bigint
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  oldest timestamptz := sim.oldest_kept(prune_invalidations.keep);
  deleted bigint;
BEGIN
  DELETE FROM sim.stored_invalidations AS i WHERE i.began_at < oldest;
  GET DIAGNOSTICS deleted = ROW_COUNT;
  RETURN deleted;
END
$$;

COMMENT ON FUNCTION sim.prune_invalidations(interval) IS
  'deletes the rows of sim.invalidation_log that are older, and tells how many there were; a negative interval is an error (22023)';

CREATE VIEW sim.result_views WITH (security_invoker = true) AS
  SELECT
    COALESCE(p.oid::regclass::text, v.name) AS name,
    sim.result_view_model(v.view_id) AS model,
    s.state,
    s.reason,
    s.table_name,
    s.column_name,
    s.changed_at,
    s.changed_by,
    v.refreshed_at AS as_of,
    v.refresh,
    v.trials,
    v.seed,
    v.scenarios,
    v.overrides,
    v.percentiles,
    COALESCE(c.relowner::regrole, v.owner) AS owner,
    c.oid::regclass AS stored_in,
    v.duration,
    v.created_at
  FROM sim.stored_result_views AS v
  LEFT JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) v.view
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation
  CROSS JOIN LATERAL sim.result_view_state(v.view_id) AS s;

COMMENT ON VIEW sim.result_views IS 'the result views of the roles that the current role is a member of, with their state as this statement sees it';

COMMENT ON COLUMN sim.result_views.name IS 'plain view that users read';

COMMENT ON COLUMN sim.result_views.model IS 'model, or model@version, by its name of now';

COMMENT ON COLUMN sim.result_views.state IS 'current: a fresh computation would give the same numbers; stale; refreshing: stale, and another session is at it; failed: stale, and cannot be refreshed';

COMMENT ON COLUMN sim.result_views.reason IS 'why it is not current; NULL when it is';

COMMENT ON COLUMN sim.result_views.table_name IS 'table that has changed or is gone, where it is a table';

COMMENT ON COLUMN sim.result_views.column_name IS 'columns of it that are read';

COMMENT ON COLUMN sim.result_views.changed_at IS 'when it was changed first, by the transaction that alone has changed it since the last refresh; NULL where there are several, or that is not known';

COMMENT ON COLUMN sim.result_views.changed_by IS 'role of the session of this transaction';

COMMENT ON COLUMN sim.result_views.as_of IS 'when the last refresh began';

COMMENT ON COLUMN sim.result_views.refresh IS 'when it is refreshed: on_commit, deferred or manual';

COMMENT ON COLUMN sim.result_views.trials IS 'number of trials; NULL as in sim.monte_carlo';

COMMENT ON COLUMN sim.result_views.seed IS 'seed';

COMMENT ON COLUMN sim.result_views.scenarios IS 'scenarios; NULL: the base alone';

COMMENT ON COLUMN sim.result_views.overrides IS 'values of inputs by name';

COMMENT ON COLUMN sim.result_views.percentiles IS 'percentiles with columns of their own';

COMMENT ON COLUMN sim.result_views.owner IS 'role that may refresh and drop it, with whose rights it is refreshed';

COMMENT ON COLUMN sim.result_views.stored_in IS 'materialized view with the numbers';

COMMENT ON COLUMN sim.result_views.duration IS 'how long the last refresh took';

COMMENT ON COLUMN sim.result_views.created_at IS 'when it was made';

CREATE VIEW sim.invalidation_log WITH (security_invoker = true) AS
  SELECT
    i.name, i.event, i.reason, i.table_name, i.column_name, i.changed_at, i.changed_by, i.began_at, i.duration, i.computed,
    i.reused, i.performed_by
  FROM sim.stored_invalidations AS i;

COMMENT ON VIEW sim.invalidation_log IS 'what happened to result views, and why; sim.prune_invalidations shortens it';

COMMENT ON COLUMN sim.invalidation_log.name IS 'result view, with the name it was made with';

COMMENT ON COLUMN sim.invalidation_log.event IS 'refreshed; failed; stale: changed by a transaction that could not refresh it';

COMMENT ON COLUMN sim.invalidation_log.reason IS 'what had changed; the error of one that failed';

COMMENT ON COLUMN sim.invalidation_log.table_name IS 'table that had changed, where it was a table';

COMMENT ON COLUMN sim.invalidation_log.column_name IS 'columns of it that are read';

COMMENT ON COLUMN sim.invalidation_log.changed_at IS 'when it was changed first, by the transaction that alone has changed it since the last refresh; NULL where there are several, or that is not known';

COMMENT ON COLUMN sim.invalidation_log.changed_by IS 'role of the session of this transaction';

COMMENT ON COLUMN sim.invalidation_log.began_at IS 'when it happened, or the refresh began';

COMMENT ON COLUMN sim.invalidation_log.duration IS 'how long it took';

COMMENT ON COLUMN sim.invalidation_log.computed IS 'outputs of scenarios that were computed for it';

COMMENT ON COLUMN sim.invalidation_log.reused IS 'outputs of scenarios that were found in the cache';

COMMENT ON COLUMN sim.invalidation_log.performed_by IS 'role of the session in which it happened';

GRANT SELECT ON sim.result_views, sim.invalidation_log TO PUBLIC;

CREATE FUNCTION sim.result_query(
  kept sim.stored_result_views)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  arguments text := format(
    'model => sim.result_view_model(%s), trials => %L::bigint, seed => %L::bigint, scenarios => %L::text[],'
    ' overrides => %L::jsonb', kept.view_id, kept.trials, kept.seed, kept.scenarios, kept.overrides);
BEGIN
  -- Each row has its fellow on the other side.  Full joins, because the planner expects few rows, and would compare each with
  -- each.  Rows that cannot be computed stay as they are.
  RETURN format(
    'WITH k AS MATERIALIZED (SELECT * FROM sim.output_keys(%2$s))'
    ' SELECT m.scenario, m.output, m.step, m.trials, m.failed_trials, m.mean, m.std_error, m.stddev, m.skewness,'
    ' m.kurtosis, m.min, m.p05, m.p25, m.median, m.p75, m.p95, m.max, %1$s, k.key FROM sim.result_statistics(%2$s) AS m'
    ' FULL JOIN (SELECT * FROM k WHERE key IS NOT NULL) AS k'
    ' ON k.scenario = m.scenario AND k.output = m.output',
    CASE WHEN kept.percentiles IS NULL THEN 'NULL::float8[]' ELSE 'p.percentiles' END, arguments)
    || CASE WHEN kept.percentiles IS NULL THEN '' ELSE format(
      ' FULL JOIN (SELECT scenario, output, step, array_agg(value ORDER BY percentile) AS percentiles'
      ' FROM sim.result_percentiles(percentiles => %L::float8[], %s) GROUP BY scenario, output, step) AS p'
      ' ON p.scenario = m.scenario AND p.output = m.output AND COALESCE(p.step, -1) = COALESCE(m.step, -1)',
      kept.percentiles, arguments) END
    || format(
      ' UNION ALL SELECT d.* FROM (SELECT FROM k WHERE key IS NULL LIMIT 1) AS any_fault'
      ' CROSS JOIN LATERAL sim.kept_rows(%s::oid::regclass) AS d'
      ' WHERE (d.scenario, d.output) IN (SELECT o.scenario, o.output FROM k AS o WHERE o.key IS NULL)', kept.relation::oid);
END
$$;

COMMENT ON FUNCTION sim.result_query(sim.stored_result_views) IS 'writes the query that computes the rows of a result view';

CREATE FUNCTION sim.result_rows(
  view_id integer,
  restoring boolean DEFAULT (pg_catalog.current_setting('row_security') OPERATOR(pg_catalog.=) 'off'))
RETURNS TABLE (
  scenario text,
  output text,
  step integer,
  trials bigint,
  failed_trials bigint,
  mean float8,
  std_error float8,
  stddev float8,
  skewness float8,
  kurtosis float8,
  min float8,
  p05 float8,
  p25 float8,
  median float8,
  p75 float8,
  p95 float8,
  max float8,
  percentiles float8[],
  key bytea)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
SET row_security = on
AS $$
DECLARE
  kept sim.stored_result_views;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = result_rows.view_id;
  IF NOT FOUND THEN
    IF restoring THEN
      RETURN;
    END IF;
    RAISE EXCEPTION 'the result view does not exist'
      USING ERRCODE = 'undefined_object', HINT = 'View sim.result_views lists the result views.';
  END IF;
  IF pg_relation_size(kept.relation) = 0 THEN
    RETURN QUERY SELECT
        r.scenario, r.output, r.step, r.trials, r.failed_trials, r.mean, r.std_error, r.stddev, r.skewness, r.kurtosis, r.min,
        r.p05, r.p25, r.median, r.p75, r.p95, r.max, r.percentiles, r.key
      FROM sim.stored_restored_rows AS r WHERE r.view_id = result_rows.view_id;
    -- A restore computes nothing: what the model reads may not be there yet, or be there no longer.
    IF FOUND OR restoring THEN
      RETURN;
    END IF;
  END IF;
  RETURN QUERY EXECUTE sim.result_query(kept);
END
$$;

COMMENT ON FUNCTION sim.result_rows(integer, boolean) IS
  'gives the rows that a result view, given by its number, has from now on, as its materialized view asks for them: those of a fresh computation; for a materialized view that holds nothing those that a dump has brought, and no others while pg_restore is at work, which turns row_security off';

CREATE FUNCTION sim.kept_rows(
  relation regclass,
  OUT scenario text,
  OUT output text,
  OUT step integer,
  OUT trials bigint,
  OUT failed_trials bigint,
  OUT mean float8,
  OUT std_error float8,
  OUT stddev float8,
  OUT skewness float8,
  OUT kurtosis float8,
  OUT min float8,
  OUT p05 float8,
  OUT p25 float8,
  OUT median float8,
  OUT p75 float8,
  OUT p95 float8,
  OUT max float8,
  OUT percentiles float8[],
  OUT key bytea)
RETURNS SETOF record
LANGUAGE c STABLE STRICT PARALLEL SAFE ROWS 10
AS 'MODULE_PATHNAME', 'sim_kept_rows';

COMMENT ON FUNCTION sim.kept_rows(regclass) IS
  'gives the rows of a result view as they are; relation is the materialized view, and nothing that its owner has defined on it is evaluated; no row where it is none, holds none, or the caller may not read it';

CREATE FUNCTION sim.views_to_dump()
RETURNS SETOF integer
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT v.view_id FROM sim.stored_result_views AS v
  JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) v.relation
  JOIN pg_catalog.pg_class AS p ON p.oid OPERATOR(pg_catalog.=) v.view;
END;

COMMENT ON FUNCTION sim.views_to_dump() IS 'gives the numbers of the result views that pg_dump takes: those whose relations are there';

CREATE FUNCTION sim.rows_to_dump()
RETURNS SETOF sim.stored_restored_rows
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT v.view_id, r.* FROM sim.stored_result_views AS v CROSS JOIN LATERAL sim.kept_rows(v.relation) AS r
  WHERE v.view_id IN (SELECT sim.views_to_dump());
END;

COMMENT ON FUNCTION sim.rows_to_dump() IS
  'gives the rows of all result views, which pg_dump takes for those of sim.stored_restored_rows';

CREATE FUNCTION sim.keep_result_inputs(
  view_id integer)
RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept sim.stored_result_views;
  used record;
  inputs sim.stored_result_inputs[];
  complete boolean;
BEGIN
  SELECT v.* INTO kept FROM sim.stored_result_views AS v WHERE v.view_id = keep_result_inputs.view_id;
  SELECT n.* INTO used FROM sim.named_version(kept.model) AS n;
  inputs := ARRAY(
    SELECT ROW(keep_result_inputs.view_id, e.scenario, e.input, e.source, e.definition, e.value, e.rows, e.hash)::sim.stored_result_inputs
    FROM sim.effective_inputs(kept.model, kept.scenarios, kept.overrides) AS e);
  complete := NOT EXISTS (SELECT FROM unnest(inputs) AS e WHERE e.hash IS NULL);
  UPDATE sim.stored_result_views AS v SET
      version = used.version, model_id = used.model_id, snapshot = pg_current_snapshot(), transaction = pg_current_xact_id()
    WHERE v.view_id = keep_result_inputs.view_id AND complete;
  -- Rows that stay as they are still come from what an input was that has no value now.
  DELETE FROM sim.stored_result_inputs AS i
    WHERE i.view_id = keep_result_inputs.view_id AND NOT EXISTS (
      SELECT FROM unnest(inputs) AS e WHERE e.scenario = i.scenario AND e.input = i.input AND e.hash IS NULL);
  INSERT INTO sim.stored_result_inputs SELECT e.* FROM unnest(inputs) AS e WHERE e.hash IS NOT NULL;
  PERFORM sim.keep_refresh_sources(view_id);
  RETURN complete;
END
$$;

COMMENT ON FUNCTION sim.keep_result_inputs(integer) IS
  'keeps what a result view, given by its number, is computed from, and which tables'' writers refresh it; tells whether all of it can be computed';

CREATE FUNCTION sim.keep_refresh_sources(
  view_id integer)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  used record;
BEGIN
  SELECT n.* INTO used FROM sim.stored_result_views AS v CROSS JOIN LATERAL sim.named_version(sim.result_view_model(v.view_id)) AS n
    WHERE v.view_id = keep_refresh_sources.view_id AND v.refresh = 'on_commit';
  IF NOT FOUND THEN
    RETURN;
  END IF;
  WITH wanted AS (
    SELECT DISTINCT s.relation, 0 AS model_id FROM sim.binding_sources AS s
    WHERE s.model = used.model_name AND s.relation IS NOT NULL
    UNION ALL
    SELECT 'sim.stored_models'::regclass, used.model_id WHERE sim.may_edit(used.model_id)),
  gone AS (
    DELETE FROM sim.stored_refresh_sources AS s
    WHERE s.view_id = keep_refresh_sources.view_id AND (s.relation, s.model_id) NOT IN (SELECT w.relation, w.model_id FROM wanted AS w))
  INSERT INTO sim.stored_refresh_sources (relation, model_id, view_id)
    SELECT w.relation, w.model_id, keep_refresh_sources.view_id FROM wanted AS w
    ON CONFLICT DO NOTHING;
END
$$;

COMMENT ON FUNCTION sim.keep_refresh_sources(integer) IS
  'keeps which tables'' writers refresh a result view, given by its number, at the end of their transactions';

CREATE FUNCTION sim.model_edges(
  source text)
RETURNS TABLE (kind text, name text, depends_on_kind text, depends_on text, lag integer)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 40
BEGIN ATOMIC
  WITH variables AS MATERIALIZED (
    SELECT v.variable, v.kind FROM sim.model_variables(source) AS v)
  SELECT v.kind, d.variable, COALESCE(w.kind, 'data'), d.depends_on, d.lag
  FROM sim.model_dependencies(source) AS d
  JOIN variables AS v ON v.variable OPERATOR(pg_catalog.=) d.variable
  LEFT JOIN variables AS w ON w.variable OPERATOR(pg_catalog.=) d.depends_on;
END;

COMMENT ON FUNCTION sim.model_edges(text) IS
  'lists what each variable of a text reads, as sim.model_dependencies does, with the kinds of both: input, formula, output or data';

CREATE FUNCTION sim.model_reports(
  source text)
RETURNS TABLE (kind text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
  SELECT v.kind, v.variable
  FROM sim.model_facts(source) AS f
  CROSS JOIN LATERAL pg_catalog.unnest(f.outputs) AS o (name)
  JOIN sim.model_variables(source) AS v ON v.variable OPERATOR(pg_catalog.=) o.name;
END;

COMMENT ON FUNCTION sim.model_reports(text) IS 'lists what a text reports, with its kind: output, or input for an input that is reported';

CREATE VIEW sim.dependencies WITH (security_invoker = true) AS
  WITH versions AS (
    SELECT m.model_id, m.name AS model, v.source
    FROM sim.stored_models AS m
    JOIN sim.stored_versions AS v
      ON v.model_id OPERATOR(pg_catalog.=) m.model_id
      AND v.version OPERATOR(pg_catalog.=) m.current_version)
  SELECT v.model, e.kind, e.name, e.depends_on_kind, e.depends_on, e.lag
  FROM versions AS v
  CROSS JOIN LATERAL sim.model_edges(v.source) AS e
  UNION ALL
  SELECT
    b.model,
    CASE WHEN EXISTS (
      SELECT FROM sim.data_blocks AS d
      WHERE d.model OPERATOR(pg_catalog.=) b.model AND d.name OPERATOR(pg_catalog.=) b.name)
      THEN 'data' ELSE 'input' END,
    b.name, 'binding', b.name, NULL::integer
  FROM sim.bindings AS b
  UNION ALL
  SELECT
    s.model, 'binding', s.name, CASE WHEN c.name IS NULL THEN 'table' ELSE 'column' END,
    pg_catalog.concat_ws('.', s.relation_name, pg_catalog.quote_ident(c.name)) COLLATE pg_catalog."default", NULL::integer
  FROM sim.binding_sources AS s
  LEFT JOIN LATERAL pg_catalog.unnest(s.columns) AS c (name) ON true
  UNION ALL
  SELECT v.model, 'run', r.run_id::text, p.kind, p.name, NULL::integer
  FROM versions AS v
  JOIN sim.stored_runs AS r ON r.model_id OPERATOR(pg_catalog.=) v.model_id
  CROSS JOIN LATERAL sim.model_reports(v.source) AS p
  UNION ALL
  SELECT n.model_name, 'result view', COALESCE(c.oid::regclass::text, w.name) COLLATE pg_catalog."default", p.kind, p.name, NULL::integer
  FROM sim.stored_result_views AS w
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.view
  CROSS JOIN LATERAL sim.named_version(sim.result_view_model(w.view_id)) AS n
  CROSS JOIN LATERAL sim.model_reports(n.source) AS p;

COMMENT ON VIEW sim.dependencies IS 'what each thing reads, one step at a time, from columns of tables to runs and result views; sim.impact and sim.lineage follow it';

COMMENT ON COLUMN sim.dependencies.model IS 'name of the model';

COMMENT ON COLUMN sim.dependencies.kind IS 'what it is: binding, data, input, formula, output, run or result view';

COMMENT ON COLUMN sim.dependencies.name IS 'its name; the number of a run';

COMMENT ON COLUMN sim.dependencies.depends_on_kind IS 'what it reads: column, table (rows, of no column), binding, data, input, formula or output';

COMMENT ON COLUMN sim.dependencies.depends_on IS 'the name of that; schema.table.column for a column';

COMMENT ON COLUMN sim.dependencies.lag IS 'between variables, steps back: 0 at the same step or without time; NULL for a whole series';

GRANT SELECT ON sim.dependencies TO PUBLIC;

CREATE FUNCTION sim.find_column(
  name text,
  relation regclass,
  owner_relation regclass,
  OUT holder regclass,
  OUT column_name text)
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parts text[] := parse_ident(name);
BEGIN
  IF relation IS NOT NULL THEN
    holder := relation;
    RETURN;
  END IF;
  column_name := parts[cardinality(parts)];
  IF owner_relation IS NULL THEN
    RAISE EXCEPTION '"%" is neither a table nor a column of one', name
      USING ERRCODE = 'undefined_table', HINT = 'Name it table.column, or schema.table.column.';
  END IF;
  holder := owner_relation;
  PERFORM FROM pg_attribute AS a WHERE a.attrelid = holder AND a.attname = column_name AND NOT a.attisdropped;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'table "%" has no column "%"', holder, column_name USING ERRCODE = 'undefined_column';
  END IF;
END
$$;

COMMENT ON FUNCTION sim.find_column(text, regclass, regclass) IS
  'the table or column that a name stands for; relation and owner_relation: what the whole name, and the name without its last part, mean on the caller''s search_path';

CREATE FUNCTION sim.reached_from(
  relation regclass,
  column_name text)
RETURNS TABLE (kind text, model text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
  WITH RECURSIVE edges AS MATERIALIZED (
    SELECT d.model, d.kind, d.name, d.depends_on_kind, d.depends_on FROM sim.dependencies AS d),
  readers AS (
    SELECT relation::oid AS view, column_name AS name
    WHERE EXISTS (
      SELECT FROM pg_catalog.pg_class AS c
      WHERE c.oid OPERATOR(pg_catalog.=) relation AND c.relkind OPERATOR(pg_catalog.=) 'v')
    UNION
    SELECT w.ev_class, NULL
    FROM readers AS r
    JOIN pg_catalog.pg_depend AS d
      ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_class'::regclass
      AND d.refobjid OPERATOR(pg_catalog.=) r.view
      AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_rewrite'::regclass
    JOIN pg_catalog.pg_rewrite AS w ON w.oid OPERATOR(pg_catalog.=) d.objid
    LEFT JOIN pg_catalog.pg_attribute AS a
      ON a.attrelid OPERATOR(pg_catalog.=) r.view AND a.attnum OPERATOR(pg_catalog.=) d.refobjsubid
    WHERE (r.name IS NULL OR a.attname OPERATOR(pg_catalog.=) r.name)
      AND w.ev_class OPERATOR(pg_catalog.<>) r.view),
  parents AS (
    SELECT relation::oid AS member
    UNION
    SELECT i.inhparent
    FROM parents AS p JOIN pg_catalog.pg_inherits AS i ON i.inhrelid OPERATOR(pg_catalog.=) p.member),
  children AS (
    SELECT relation::oid AS member
    UNION
    SELECT i.inhrelid
    FROM children AS c JOIN pg_catalog.pg_inherits AS i ON i.inhparent OPERATOR(pg_catalog.=) c.member),
  reached AS (
    SELECT f.model, 'binding' AS kind, f.name
    FROM (
      SELECT s.model, s.name
      FROM sim.binding_sources AS s
      WHERE s.relation::oid IN (SELECT p.member FROM parents AS p UNION ALL SELECT c.member FROM children AS c)
        AND (column_name IS NULL OR column_name OPERATOR(pg_catalog.=) ANY (s.columns))
      UNION ALL
      SELECT b.model, b.name
      FROM sim.bindings AS b
      WHERE b.view::oid OPERATOR(pg_catalog.=) ANY (SELECT r.view FROM readers AS r)) AS f
    UNION
    SELECT e.model, e.kind, e.name
    FROM reached AS r
    JOIN edges AS e
      ON e.model OPERATOR(pg_catalog.=) r.model
      AND e.depends_on_kind OPERATOR(pg_catalog.=) r.kind
      AND e.depends_on OPERATOR(pg_catalog.=) r.name),
  bound AS MATERIALIZED (
    SELECT r.model, r.name FROM reached AS r WHERE r.kind OPERATOR(pg_catalog.=) 'binding'),
  users AS (
    SELECT 'run' AS kind, m.name AS model, w.run_id::text AS name,
      CASE WHEN w.pinned OR w.version OPERATOR(pg_catalog.=) m.current_version THEN EXISTS (
        SELECT FROM sim.stored_run_inputs AS i
        JOIN bound AS b ON b.name OPERATOR(pg_catalog.=) i.input
        WHERE i.run_id OPERATOR(pg_catalog.=) w.run_id AND b.model OPERATOR(pg_catalog.=) m.name
          AND i.source OPERATOR(pg_catalog.<>) ALL (ARRAY['scenario', 'override']))
      END AS reads
    FROM sim.stored_models AS m
    JOIN sim.stored_runs AS w ON w.model_id OPERATOR(pg_catalog.=) m.model_id
    WHERE m.name IN (SELECT b.model FROM bound AS b)
    UNION ALL
    SELECT 'result view', n.model_name, COALESCE(c.oid::regclass::text, w.name) COLLATE pg_catalog."default",
      CASE WHEN w.version OPERATOR(pg_catalog.=) n.version THEN EXISTS (
        SELECT FROM sim.stored_result_inputs AS i
        JOIN bound AS b ON b.name OPERATOR(pg_catalog.=) i.input
        WHERE i.view_id OPERATOR(pg_catalog.=) w.view_id AND b.model OPERATOR(pg_catalog.=) n.model_name
          AND i.source OPERATOR(pg_catalog.<>) ALL (ARRAY['scenario', 'override']))
      END
    FROM sim.stored_result_views AS w
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) w.view
    CROSS JOIN LATERAL sim.named_version(sim.result_view_model(w.view_id)) AS n
    WHERE n.model_name IN (SELECT b.model FROM bound AS b)),
  told AS (
    SELECT r.kind, r.model, r.name
    FROM reached AS r
    LEFT JOIN users AS u
      ON u.kind OPERATOR(pg_catalog.=) r.kind AND u.model OPERATOR(pg_catalog.=) r.model
      AND u.name OPERATOR(pg_catalog.=) r.name
    WHERE u.reads IS NULL
    UNION ALL
    SELECT u.kind, u.model, u.name FROM users AS u WHERE u.reads)
  SELECT r.kind, r.model, r.name
  FROM told AS r
  ORDER BY
    pg_catalog.array_position(ARRAY['binding', 'data', 'input', 'formula', 'output', 'run', 'result view'], r.kind), r.model, r.name;
END;

COMMENT ON FUNCTION sim.reached_from(regclass, text) IS 'what sim.impact gives for a table, or one column of it';

CREATE FUNCTION sim.impact(
  source text)
RETURNS TABLE (kind text, model text, name text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
  SELECT r.kind, r.model, r.name
  FROM (
    SELECT
      pg_catalog.cardinality(p.parts) AS count,
      pg_catalog.quote_ident(p.parts[1]) AS first,
      pg_catalog.concat_ws('.', pg_catalog.quote_ident(p.parts[1]), pg_catalog.quote_ident(p.parts[2])) AS first_two
    FROM (SELECT pg_catalog.parse_ident(source)) AS p (parts)) AS n
  CROSS JOIN LATERAL sim.find_column(
    source,
    CASE WHEN n.count OPERATOR(pg_catalog.<=) 2 THEN pg_catalog.to_regclass(n.first_two) END,
    CASE n.count WHEN 2 THEN pg_catalog.to_regclass(n.first) WHEN 3 THEN pg_catalog.to_regclass(n.first_two) END) AS f
  CROSS JOIN LATERAL sim.reached_from(f.holder, f.column_name) AS r;
END;

COMMENT ON FUNCTION sim.impact(text) IS
  'lists what a change of a table or column would touch: bindings, data blocks and inputs, formulas, outputs, and the runs and result views that have read it, which those do not whose scenarios and overrides replace it all; source is a table or view, with or without schema and column; one that does not exist is an error (42P01, 42703)';

CREATE FUNCTION sim.lineage(
  run bigint)
RETURNS TABLE (kind text, name text, scenario text, source text, value float8, definition text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
  WITH RECURSIVE run_model AS (
    SELECT r.run_id, m.name AS model, v.source
    FROM sim.stored_runs AS r
    JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) r.model_id
    JOIN sim.stored_versions AS v
      ON v.model_id OPERATOR(pg_catalog.=) r.model_id
      AND v.version OPERATOR(pg_catalog.=) r.version
    WHERE r.run_id OPERATOR(pg_catalog.=) sim.find_run(run)),
  inputs AS (
    SELECT i.scenario, i.input, i.source, i.value, i.definition
    FROM sim.stored_run_inputs AS i
    WHERE i.run_id OPERATOR(pg_catalog.=) run),
  edges AS MATERIALIZED (
    SELECT e.kind, e.name, e.depends_on_kind, e.depends_on
    FROM run_model AS r
    CROSS JOIN LATERAL sim.model_edges(r.source) AS e
    UNION ALL
    SELECT d.kind, d.name, d.depends_on_kind, d.depends_on
    FROM run_model AS r
    JOIN sim.dependencies AS d ON d.model OPERATOR(pg_catalog.=) r.model
    WHERE d.kind OPERATOR(pg_catalog.=) 'binding'
      OR d.depends_on_kind OPERATOR(pg_catalog.=) 'binding'
        AND EXISTS (
          SELECT FROM inputs AS i
          WHERE i.input OPERATOR(pg_catalog.=) d.name AND i.source OPERATOR(pg_catalog.=) 'binding')),
  -- What is stored of blocks tells them from inputs, where the text that told it is gone.
  blocks AS (
    SELECT DISTINCT d.name
    FROM sim.stored_run_data AS w
    CROSS JOIN LATERAL sim.experiment_data(w.experiment) AS d
    WHERE w.run_id OPERATOR(pg_catalog.=) run AND d.column_name IS NOT NULL AND NOT EXISTS (SELECT FROM run_model)),
  kept AS (
    SELECT DISTINCT CASE WHEN i.input IN (SELECT b.name FROM blocks AS b) THEN 'data' ELSE 'input' END AS kind, i.input AS name
    FROM inputs AS i
    WHERE NOT EXISTS (SELECT FROM run_model)
    UNION ALL
    SELECT DISTINCT 'output', s.output
    FROM sim.stored_results AS s
    WHERE s.run_id OPERATOR(pg_catalog.=) run AND s.output NOT IN (SELECT i.input FROM inputs AS i)
      AND NOT EXISTS (SELECT FROM run_model)),
  reached AS (
    SELECT k.kind, k.name FROM kept AS k
    UNION
    SELECT p.kind, p.name
    FROM run_model AS r
    CROSS JOIN LATERAL sim.model_reports(r.source) AS p
    UNION
    SELECT e.depends_on_kind, e.depends_on
    FROM reached AS r
    JOIN edges AS e
      ON e.kind OPERATOR(pg_catalog.=) r.kind
      AND e.name OPERATOR(pg_catalog.=) r.name)
  SELECT r.kind, r.name, i.scenario, i.source, i.value, i.definition
  FROM reached AS r
  LEFT JOIN inputs AS i
    ON i.input OPERATOR(pg_catalog.=) r.name
    AND r.kind OPERATOR(pg_catalog.=) ANY (ARRAY['input', 'data'])
  ORDER BY
    pg_catalog.array_position(ARRAY['output', 'formula', 'input', 'data', 'binding', 'column', 'table'], r.kind), r.name, i.scenario;
END;

COMMENT ON FUNCTION sim.lineage(bigint) IS
  'lists what a run came from: outputs, formulas, and what its inputs and data blocks were in each scenario, as they were stored with it; and the bindings and columns behind them, as they are now; a run that does not exist is an error (42704); where the model is gone or not the caller''s to see, the outputs and inputs that were stored with the run';

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

CREATE POLICY granted ON sim.stored_runs FOR SELECT USING (sim.may_see_run(run_id));

GRANT UPDATE (owner) ON sim.stored_runs TO PUBLIC;

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

CREATE POLICY seen ON sim.stored_audit FOR SELECT
  USING (pg_catalog.pg_has_role(owner, 'MEMBER')
    OR EXISTS (
      SELECT FROM sim.stored_models AS m
      WHERE m.model_id OPERATOR(pg_catalog.=) stored_audit.model_id
        AND (kind OPERATOR(pg_catalog.=) ANY ('{model,version,scenario,binding}'::text[])
          OR (kind OPERATOR(pg_catalog.=) 'grant' AND pg_catalog.pg_has_role(m.owner, 'MEMBER')))));

CREATE POLICY administered ON sim.stored_audit
  USING ((SELECT pg_catalog.has_table_privilege('sim.stored_audit'::regclass, 'DELETE')));

GRANT SELECT ON sim.stored_audit TO PUBLIC;

CREATE FUNCTION sim.record_audit() RETURNS trigger
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_record_audit';

COMMENT ON FUNCTION sim.record_audit() IS
  'row trigger that keeps changes in sim.stored_audit; its arguments are the kind of the object and the column that names it';

REVOKE EXECUTE ON FUNCTION sim.record_audit() FROM PUBLIC;

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
