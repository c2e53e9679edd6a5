-- 10_tables.sql -- what is stored: models, their versions, scenarios, bindings and who shares them.
--
-- Everybody may use these tables, through row-level security: a model and all that belongs to it exist only for members of
-- the role that owns it and for those it was granted to.  A version is never updated, and deleted only with its model.  The
-- tables are configuration of the extension, so that pg_dump carries their rows: roles as regrole and views as regclass,
-- which are dumped by name.  They have no foreign keys, because pg_restore in parallel loads them in any order: triggers do
-- what foreign keys would.

CREATE SEQUENCE sim.stored_model_ids AS integer;
COMMENT ON SEQUENCE sim.stored_model_ids IS 'numbers of models';
GRANT USAGE ON SEQUENCE sim.stored_model_ids TO PUBLIC;

CREATE TABLE sim.stored_models (
  model_id integer PRIMARY KEY DEFAULT pg_catalog.nextval('sim.stored_model_ids'),
  name text NOT NULL UNIQUE
    CHECK (pg_catalog.octet_length(name) OPERATOR(pg_catalog.>=) 1
      AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 63
      AND pg_catalog.strpos(name, '@') OPERATOR(pg_catalog.=) 0),
  owner regrole NOT NULL,
  current_version integer NOT NULL CHECK (current_version OPERATOR(pg_catalog.>=) 1),
  comment text,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now()
);
COMMENT ON TABLE sim.stored_models IS 'models; see view sim.models';
COMMENT ON COLUMN sim.stored_models.model_id IS 'number of the model, which stays when it is renamed';
COMMENT ON COLUMN sim.stored_models.name IS 'name, folded as an SQL identifier is';
COMMENT ON COLUMN sim.stored_models.owner IS 'role whose members see, use, change and share the model';
COMMENT ON COLUMN sim.stored_models.current_version IS 'version that the plain name stands for';
COMMENT ON COLUMN sim.stored_models.comment IS 'what the model is for, in the words of its maker';
COMMENT ON COLUMN sim.stored_models.created_at IS 'when the first version was stored';

CREATE TABLE sim.stored_versions (
  model_id integer NOT NULL,
  version integer NOT NULL CHECK (version OPERATOR(pg_catalog.>=) 1),
  source text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  created_by regrole NOT NULL,
  PRIMARY KEY (model_id, version)
);
COMMENT ON TABLE sim.stored_versions IS 'texts of models, one row a version; see view sim.model_versions';
COMMENT ON COLUMN sim.stored_versions.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_versions.version IS 'number of the version, from 1';
COMMENT ON COLUMN sim.stored_versions.source IS 'the text';
COMMENT ON COLUMN sim.stored_versions.created_at IS 'when the version was stored';
COMMENT ON COLUMN sim.stored_versions.created_by IS 'role that stored the version';

CREATE TABLE sim.stored_scenarios (
  model_id integer NOT NULL,
  name text NOT NULL
    CHECK (pg_catalog.octet_length(name) OPERATOR(pg_catalog.>=) 1
      AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 63
      AND name OPERATOR(pg_catalog.<>) 'base' AND name OPERATOR(pg_catalog.<>) '*'),
  parent text,
  overrides jsonb NOT NULL CHECK (pg_catalog.jsonb_typeof(overrides) OPERATOR(pg_catalog.=) 'object'),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (model_id, name)
);
-- Nothing holds the parent: the functions check it.
COMMENT ON TABLE sim.stored_scenarios IS 'scenarios of models; see view sim.scenarios';
COMMENT ON COLUMN sim.stored_scenarios.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_scenarios.name IS 'name, folded as an SQL identifier is';
COMMENT ON COLUMN sim.stored_scenarios.parent IS 'scenario whose overrides hold where this one has none; NULL: the base';
COMMENT ON COLUMN sim.stored_scenarios.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.stored_scenarios.created_at IS 'when the scenario was stored';

CREATE TABLE sim.stored_bindings (
  model_id integer NOT NULL,
  name text NOT NULL,
  view regclass NOT NULL,
  query text NOT NULL,
  ordered boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  owner regrole NOT NULL,
  qualified_query text NOT NULL,
  sources text[] NOT NULL,
  source_owners regrole[] NOT NULL,
  PRIMARY KEY (model_id, name)
);
COMMENT ON TABLE sim.stored_bindings IS 'what supplies data blocks and inputs; see view sim.bindings';
COMMENT ON COLUMN sim.stored_bindings.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_bindings.name IS 'data block or input that is supplied';
COMMENT ON COLUMN sim.stored_bindings.view IS 'view in schema sim_bindings that holds the query; its owner''s rights are used';
COMMENT ON COLUMN sim.stored_bindings.query IS 'the query as it was given';
COMMENT ON COLUMN sim.stored_bindings.ordered IS 'whether the query had an ORDER BY';
COMMENT ON COLUMN sim.stored_bindings.created_at IS 'when the query was bound';
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

-- What policies ask.  These functions look into the tables themselves, under no policy, and answer only about the caller: so
-- policies do not ask each other in a circle, and who owns a model pays nothing for what others were granted.
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

ALTER TABLE sim.stored_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_scenarios ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_bindings ENABLE ROW LEVEL SECURITY;

CREATE POLICY members ON sim.stored_models
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));
-- The server asks policies in the reverse order of their names: these only where the other says no.
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

-- No policy sees a row before and after: what a grant of edit does not cover is refused here, and giving a model to strangers.
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

-- A binding is read with the rights of its view's owner, and made again with those of its own owner: nobody may enter a
-- role he is no member of.
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

-- Nobody chooses the number of a model: what is kept of a model that is gone is found by it.
GRANT SELECT, DELETE, INSERT (name, owner, current_version, comment), UPDATE (name, owner, current_version, comment)
  ON sim.stored_models TO PUBLIC;
GRANT SELECT, INSERT, DELETE ON sim.stored_grants TO PUBLIC;
GRANT SELECT, INSERT ON sim.stored_versions TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON sim.stored_scenarios TO PUBLIC;
GRANT SELECT, INSERT, DELETE ON sim.stored_bindings TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_model_ids', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_models', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_versions', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_scenarios', '');
-- pg_dump puts the second argument behind its query of the table.  The number of a view that is gone, or of a role, may be that of
-- another where the dump is restored.
SELECT pg_catalog.pg_extension_config_dump('sim.stored_bindings', 'WHERE false UNION ALL SELECT * FROM sim.bindings_to_dump()');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_grants',
  'WHERE grantee = 0::oid OR grantee IN (SELECT oid FROM pg_catalog.pg_roles)');
