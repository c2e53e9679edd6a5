-- pg_simulate--0.2.0.sql -- assembled from sql/, do not edit: change a part there and run make sql.

-- 00_preamble.sql -- the two schemas of the extension.
--
-- sim holds what users call and look at.  sim_bindings holds the views that sim.bind makes: they belong to the users who
-- bound them, so that PostgreSQL tracks, protects, dumps and checks them as views of these users.
\echo Use "CREATE EXTENSION pg_simulate" to load this file. \quit

CREATE SCHEMA sim;
COMMENT ON SCHEMA sim IS 'models in the database: converge them, sample them in parallel workers';
GRANT USAGE ON SCHEMA sim TO PUBLIC;

CREATE SCHEMA sim_bindings;
COMMENT ON SCHEMA sim_bindings IS 'the views that sim.bind makes of queries; each belongs to the role that bound it';
GRANT USAGE, CREATE ON SCHEMA sim_bindings TO PUBLIC;

-- 10_tables.sql -- what is stored: models, their versions, scenarios, bindings and who shares them.
--
-- Everybody may use these tables, through row-level security: a model and all that belongs to it exist only for members of
-- the role that owns it and for those it was granted to.  A version is never updated, and deleted only with its model.  The
-- tables are configuration of the extension, so that pg_dump carries their rows: roles as regrole and views as regclass,
-- which are dumped by name.

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
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  UNIQUE (model_id, owner)
);
COMMENT ON TABLE sim.stored_models IS 'models; see view sim.models';
COMMENT ON COLUMN sim.stored_models.model_id IS 'number of the model, which stays when it is renamed';
COMMENT ON COLUMN sim.stored_models.name IS 'name, folded as an SQL identifier is';
COMMENT ON COLUMN sim.stored_models.owner IS 'role whose members see, use, change and share the model';
COMMENT ON COLUMN sim.stored_models.current_version IS 'version that the plain name stands for';
COMMENT ON COLUMN sim.stored_models.comment IS 'what the model is for, in the words of its maker';
COMMENT ON COLUMN sim.stored_models.created_at IS 'when the first version was stored';

CREATE TABLE sim.stored_versions (
  model_id integer NOT NULL REFERENCES sim.stored_models ON DELETE CASCADE,
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
  model_id integer NOT NULL REFERENCES sim.stored_models ON DELETE CASCADE,
  name text NOT NULL
    CHECK (pg_catalog.octet_length(name) OPERATOR(pg_catalog.>=) 1
      AND pg_catalog.octet_length(name) OPERATOR(pg_catalog.<=) 63
      AND name OPERATOR(pg_catalog.<>) 'base' AND name OPERATOR(pg_catalog.<>) '*'),
  parent text,
  overrides jsonb NOT NULL CHECK (pg_catalog.jsonb_typeof(overrides) OPERATOR(pg_catalog.=) 'object'),
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (model_id, name)
);
-- No foreign key holds the parent: pg_dump would warn of a circular constraint at every dump.  The functions check it.
COMMENT ON TABLE sim.stored_scenarios IS 'scenarios of models; see view sim.scenarios';
COMMENT ON COLUMN sim.stored_scenarios.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_scenarios.name IS 'name, folded as an SQL identifier is';
COMMENT ON COLUMN sim.stored_scenarios.parent IS 'scenario whose overrides hold where this one has none; NULL: the base';
COMMENT ON COLUMN sim.stored_scenarios.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.stored_scenarios.created_at IS 'when the scenario was stored';

CREATE TABLE sim.stored_bindings (
  model_id integer NOT NULL REFERENCES sim.stored_models ON DELETE CASCADE,
  name text NOT NULL,
  view regclass NOT NULL,
  query text NOT NULL,
  ordered boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (model_id, name)
);
COMMENT ON TABLE sim.stored_bindings IS 'what supplies data blocks and inputs; see view sim.bindings';
COMMENT ON COLUMN sim.stored_bindings.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_bindings.name IS 'data block or input that is supplied';
COMMENT ON COLUMN sim.stored_bindings.view IS 'view in schema sim_bindings that holds the query; its owner''s rights are used';
COMMENT ON COLUMN sim.stored_bindings.query IS 'the query as it was given';
COMMENT ON COLUMN sim.stored_bindings.ordered IS 'whether the query had an ORDER BY';
COMMENT ON COLUMN sim.stored_bindings.created_at IS 'when the query was bound';

CREATE TABLE sim.stored_grants (
  model_id integer NOT NULL,
  owner regrole NOT NULL,
  grantee regrole NOT NULL,
  privilege text NOT NULL CHECK (privilege OPERATOR(pg_catalog.=) ANY ('{read,run,edit}'::text[])),
  granted_by regrole NOT NULL,
  granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
  PRIMARY KEY (model_id, grantee, privilege),
  -- The owner stands here too, so that the policies of models may ask for grants and those of grants need no model.
  FOREIGN KEY (model_id, owner) REFERENCES sim.stored_models (model_id, owner) ON DELETE CASCADE ON UPDATE CASCADE
);
COMMENT ON TABLE sim.stored_grants IS 'who may do what with models that belong to others; see view sim.grants';
COMMENT ON COLUMN sim.stored_grants.model_id IS 'the model';
COMMENT ON COLUMN sim.stored_grants.owner IS 'owner of the model';
COMMENT ON COLUMN sim.stored_grants.grantee IS 'role whose members have the privilege; 0: everybody';
COMMENT ON COLUMN sim.stored_grants.privilege IS 'read; run, which includes read; edit, which includes both';
COMMENT ON COLUMN sim.stored_grants.granted_by IS 'role that granted it';
COMMENT ON COLUMN sim.stored_grants.granted_at IS 'when it was granted';

-- Asks for what policies about writing need: whoever only reads a model is not to change it.
CREATE FUNCTION sim.may_edit(
  model_id integer)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
  SELECT EXISTS (
    SELECT FROM sim.stored_models AS m
    WHERE m.model_id OPERATOR(pg_catalog.=) may_edit.model_id
      AND (pg_catalog.pg_has_role(m.owner, 'MEMBER')
        OR EXISTS (
          SELECT FROM sim.stored_grants AS g
          WHERE g.model_id OPERATOR(pg_catalog.=) m.model_id
            AND g.privilege OPERATOR(pg_catalog.=) 'edit')));
END;
COMMENT ON FUNCTION sim.may_edit(integer) IS
  'whether the current role may change what belongs to a model, by its number: as a member of the owner or by a grant';

ALTER TABLE sim.stored_models ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_scenarios ENABLE ROW LEVEL SECURITY;
ALTER TABLE sim.stored_bindings ENABLE ROW LEVEL SECURITY;

-- A grant exists for the owner of the model and for who has it.  This policy asks no other table: all others build on it.
CREATE POLICY seen ON sim.stored_grants FOR SELECT
  USING (grantee OPERATOR(pg_catalog.=) 0::oid
    OR pg_catalog.pg_has_role(grantee, 'MEMBER')
    OR pg_catalog.pg_has_role(owner, 'MEMBER'));
CREATE POLICY granted ON sim.stored_grants FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(owner, 'MEMBER') AND pg_catalog.pg_has_role(granted_by, 'MEMBER'));
CREATE POLICY revoked ON sim.stored_grants FOR DELETE
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));

CREATE POLICY members ON sim.stored_models
  USING (pg_catalog.pg_has_role(owner, 'MEMBER'));
CREATE POLICY shared ON sim.stored_models FOR SELECT
  USING (EXISTS (
    SELECT FROM sim.stored_grants AS g
    WHERE g.model_id OPERATOR(pg_catalog.=) stored_models.model_id));
CREATE POLICY shared_for_edit ON sim.stored_models FOR UPDATE
  USING (EXISTS (
    SELECT FROM sim.stored_grants AS g
    WHERE g.model_id OPERATOR(pg_catalog.=) stored_models.model_id
      AND g.privilege OPERATOR(pg_catalog.=) 'edit'));

-- No policy sees a row before and after: what a grant does not cover is refused here.
CREATE FUNCTION sim.refuse_to_who_edits() RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE insufficient_privilege USING
    MESSAGE = pg_catalog.format('must be owner of model "%s"', OLD.name),
    DETAIL = 'A grant of edit is for versions, scenarios and bindings.';
END
$$;
COMMENT ON FUNCTION sim.refuse_to_who_edits() IS
  'refuses (42501) to change of a model what only its owner may: its name, its owner, its number';
REVOKE EXECUTE ON FUNCTION sim.refuse_to_who_edits() FROM PUBLIC;

CREATE TRIGGER refuse_to_who_edits BEFORE UPDATE ON sim.stored_models FOR EACH ROW
  WHEN (pg_catalog.row_security_active('sim.stored_models'::regclass)
    AND NOT pg_catalog.pg_has_role(OLD.owner, 'MEMBER')
    AND (OLD.model_id, OLD.name, OLD.owner, OLD.created_at)
      IS DISTINCT FROM (NEW.model_id, NEW.name, NEW.owner, NEW.created_at))
  EXECUTE FUNCTION sim.refuse_to_who_edits();

-- What belongs to a model is seen by who sees the model: the query is under the policies of sim.stored_models itself.
CREATE POLICY seen ON sim.stored_versions FOR SELECT
  USING (EXISTS (
    SELECT FROM sim.stored_models AS m
    WHERE m.model_id OPERATOR(pg_catalog.=) stored_versions.model_id));
CREATE POLICY seen ON sim.stored_scenarios FOR SELECT
  USING (EXISTS (
    SELECT FROM sim.stored_models AS m
    WHERE m.model_id OPERATOR(pg_catalog.=) stored_scenarios.model_id));
CREATE POLICY seen ON sim.stored_bindings FOR SELECT
  USING (EXISTS (
    SELECT FROM sim.stored_models AS m
    WHERE m.model_id OPERATOR(pg_catalog.=) stored_bindings.model_id));

CREATE POLICY added ON sim.stored_versions FOR INSERT
  WITH CHECK (pg_catalog.pg_has_role(created_by, 'MEMBER') AND sim.may_edit(model_id));

CREATE POLICY added ON sim.stored_scenarios FOR INSERT WITH CHECK (sim.may_edit(model_id));
CREATE POLICY changed ON sim.stored_scenarios FOR UPDATE USING (sim.may_edit(model_id));
CREATE POLICY removed ON sim.stored_scenarios FOR DELETE USING (sim.may_edit(model_id));

-- A binding is read with the rights of its view's owner: nobody may enter a view of a role he is no member of.
CREATE POLICY added ON sim.stored_bindings FOR INSERT
  WITH CHECK (
    sim.may_edit(model_id)
    AND EXISTS (
      SELECT FROM pg_catalog.pg_class AS c
      WHERE c.oid OPERATOR(pg_catalog.=) stored_bindings.view
        AND c.relnamespace OPERATOR(pg_catalog.=) 'sim_bindings'::regnamespace
        AND pg_catalog.pg_has_role(c.relowner, 'MEMBER')));
CREATE POLICY removed ON sim.stored_bindings FOR DELETE USING (sim.may_edit(model_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON sim.stored_models TO PUBLIC;
GRANT SELECT, INSERT, DELETE ON sim.stored_grants TO PUBLIC;
GRANT SELECT, INSERT ON sim.stored_versions TO PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON sim.stored_scenarios TO PUBLIC;
GRANT SELECT, INSERT, DELETE ON sim.stored_bindings TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_model_ids', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_models', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_versions', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_scenarios', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_bindings', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_grants', '');

-- 20_model.sql -- models, scenarios and bindings: storing, changing, looking into a text.

CREATE FUNCTION sim.create_model(
  name text,
  source text,
  comment text DEFAULT NULL,
  replace boolean DEFAULT false)
RETURNS integer
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_create_model';
COMMENT ON FUNCTION sim.create_model(text, text, text, boolean) IS
  'stores a model and returns the number of its version; replace => true makes a version of a model that exists, or keeps the current one for an equal text; a bad text is refused with all its errors (42601), a name in use with 42710, a version that scenarios or bindings do not fit with 2BP01';

CREATE FUNCTION sim.drop_model(
  name text,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_drop_model';
COMMENT ON FUNCTION sim.drop_model(text, boolean) IS
  'deletes a model with its versions, scenarios and bindings; a model that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.rename_model(
  name text,
  new_name text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_rename_model';
COMMENT ON FUNCTION sim.rename_model(text, text) IS
  'gives a model another name; versions, scenarios and bindings stay with it; a name in use is an error (42710)';

CREATE FUNCTION sim.check_model(
  source text)
RETURNS TABLE (line integer, col integer, severity text, message text, hint text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 5
AS 'MODULE_PATHNAME', 'sim_check_model';
COMMENT ON FUNCTION sim.check_model(text) IS
  'lists the errors and warnings of a text in its order, and no row for a good text; never an error for what the text says';

CREATE FUNCTION sim.create_scenario(
  model text,
  scenario text,
  overrides jsonb,
  parent text DEFAULT NULL,
  replace boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_create_scenario';
COMMENT ON FUNCTION sim.create_scenario(text, text, jsonb, text, boolean) IS
  'names a set of values of a model''s inputs; keys are inputs, values numbers, true or false, texts that are expressions or begin with ~, or arrays with a number a step; a parent''s overrides hold where this scenario has none; an unknown key is an error (42704), so are cyclic parents (42P17) and a name in use (42710) unless replace => true';

CREATE FUNCTION sim.drop_scenario(
  model text,
  scenario text,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_drop_scenario';
COMMENT ON FUNCTION sim.drop_scenario(text, text, boolean) IS
  'deletes a scenario; a parent of others is refused (2BP01); one that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.bind(
  model text,
  name text,
  query text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_bind';
COMMENT ON FUNCTION sim.bind(text, text, text) IS
  'lets a query supply a data block or an input, in place of an earlier binding; the query becomes a view of the caller, is run and checked at once, and always runs with the caller''s rights; anything but one SELECT is an error (42601), so are missing columns (42703), types that are no numbers (42804), NULLs (22004) and unusable rows (22000)';

CREATE FUNCTION sim.unbind(
  model text,
  name text,
  if_exists boolean DEFAULT false)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_unbind';
COMMENT ON FUNCTION sim.unbind(text, text, boolean) IS
  'ends a binding and drops its view; one that does not exist is an error (42704), or a notice with if_exists => true';

CREATE FUNCTION sim.model_facts(
  source text)
RETURNS TABLE (steps integer, step_label text, uncertain boolean, outputs text[])
LANGUAGE c STABLE PARALLEL SAFE ROWS 1
AS 'MODULE_PATHNAME', 'sim_model_facts';
COMMENT ON FUNCTION sim.model_facts(text) IS
  'tells in one row how many steps a text has, what it reports and whether chance plays a part; no row for a bad text';

CREATE FUNCTION sim.model_variables(
  source text)
RETURNS TABLE (
  place integer,
  variable text,
  kind text,
  timed boolean,
  definition text,
  unit text,
  description text,
  uncertain boolean,
  range_low float8,
  range_high float8,
  line integer)
LANGUAGE c STABLE PARALLEL SAFE ROWS 20
AS 'MODULE_PATHNAME', 'sim_model_variables';
COMMENT ON FUNCTION sim.model_variables(text) IS
  'lists the inputs and formulas of a text in its order; no row for a bad text';

CREATE FUNCTION sim.model_dependencies(
  source text)
RETURNS TABLE (variable text, depends_on text, lag integer)
LANGUAGE c STABLE PARALLEL SAFE ROWS 40
AS 'MODULE_PATHNAME', 'sim_model_dependencies';
COMMENT ON FUNCTION sim.model_dependencies(text) IS
  'lists what each variable of a text reads: lag 0 at the same step or without time, k for x[t-k], NULL for a whole series; no row for a bad text';

CREATE FUNCTION sim.model_loops(
  source text)
RETURNS TABLE (loop integer, variables text[], method text, linear boolean)
LANGUAGE c STABLE PARALLEL SAFE ROWS 2
AS 'MODULE_PATHNAME', 'sim_model_loops';
COMMENT ON FUNCTION sim.model_loops(text) IS
  'lists the sets of formulas of a text that are solved together, and how; no row for a bad text';

CREATE FUNCTION sim.model_data(
  source text)
RETURNS TABLE (name text, columns text[], ordered boolean)
LANGUAGE c STABLE PARALLEL SAFE ROWS 1
AS 'MODULE_PATHNAME', 'sim_model_data';
COMMENT ON FUNCTION sim.model_data(text) IS
  'lists the data blocks of a text, their columns and whether the order of their rows matters; no row for a bad text';

-- 30_converge.sql -- solving models without chance.

CREATE FUNCTION sim.converge_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_converge_support';
COMMENT ON FUNCTION sim.converge_support(internal) IS 'planner support of sim.converge: gives its rows one by one where it stands in FROM';

CREATE FUNCTION sim.converge(
  model text,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (scenario text, variable text, step integer, value float8)
LANGUAGE c STABLE PARALLEL SAFE ROWS 50 COST 1000
SUPPORT sim.converge_support
AS 'MODULE_PATHNAME', 'sim_converge';
COMMENT ON FUNCTION sim.converge(text, text[], jsonb) IS
  'solves a model and gives every formula''s value, uncertain inputs at their means unless overridden; scenarios NULL stands for the base alone, ARRAY[''*''] for the base and all; overrides of the call win over scenarios; step is NULL without time; a loop that does not converge is an error (SM001)';

CREATE FUNCTION sim.converge_report(
  model text,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (
  scenario text,
  loop integer,
  variables text[],
  method text,
  iterations bigint,
  residual float8,
  contraction float8,
  converged boolean,
  step integer)
LANGUAGE c STABLE PARALLEL SAFE ROWS 5 COST 1000
AS 'MODULE_PATHNAME', 'sim_converge_report';
COMMENT ON FUNCTION sim.converge_report(text, text[], jsonb) IS
  'tells how each loop of each scenario was solved, over time its worst step; arguments as sim.converge; contraction is NULL when unknown; a loop that does not converge is a row, not an error';

-- 40_monte_carlo.sql -- simulating models: samples, statistics, comparisons.
--
-- All of these only compute: STABLE and PARALLEL SAFE.  The scans have support functions, through which the planner learns
-- rows and cost, and which load the module before the planner's hooks are asked.

-- Planner support functions.

CREATE FUNCTION sim.samples_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_samples_support';
COMMENT ON FUNCTION sim.samples_support(internal) IS 'planner support of sim.samples: rows and cost';

CREATE FUNCTION sim.chunks_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_chunks_support';
COMMENT ON FUNCTION sim.chunks_support(internal) IS 'planner support of sim.chunks: rows and cost';

CREATE FUNCTION sim.monte_carlo_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_monte_carlo_support';
COMMENT ON FUNCTION sim.monte_carlo_support(internal) IS 'planner support of sim.monte_carlo: makes it visible to EXPLAIN';

CREATE FUNCTION sim.percentiles_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_percentiles_support';
COMMENT ON FUNCTION sim.percentiles_support(internal) IS 'planner support of sim.percentiles: makes it visible to EXPLAIN';

CREATE FUNCTION sim.compare_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_compare_support';
COMMENT ON FUNCTION sim.compare_support(internal) IS 'planner support of sim.compare: makes it visible to EXPLAIN';

-- Scans: the rows are simulated, by parallel workers where the planner wants them.

CREATE FUNCTION sim.samples(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenario text DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS SETOF record
LANGUAGE c STABLE PARALLEL SAFE ROWS 10000 COST 1000
SUPPORT sim.samples_support
AS 'MODULE_PATHNAME', 'sim_samples';
COMMENT ON FUNCTION sim.samples(text, bigint, bigint, text, jsonb) IS
  'simulates a model and gives its samples as rows; the column definition list names what is wanted, in any order: trial bigint, step integer, and outputs or other variables as float8; one row a trial, or one a trial and step where a variable with time or step is named, with variables without time repeated and NULL where there is no value at a step; values that are not finite are given as they are; trials NULL: 10,000, or every window of a model that uses historical; an unknown name is an error (42704), a wrong type is one (42804)';

CREATE FUNCTION sim.experiment(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS bytea
LANGUAGE c STABLE PARALLEL SAFE COST 1000
AS 'MODULE_PATHNAME', 'sim_experiment';
COMMENT ON FUNCTION sim.experiment(text, bigint, bigint, text[], jsonb) IS
  'gives everything that a computation depends on, as bytes: the model''s text, the rows bound to it, scenarios, trials, seed; what sim.chunks takes, here or on another node; equal arguments and data give equal bytes; arguments as sim.monte_carlo';

CREATE FUNCTION sim.chunks(
  experiment bytea,
  keep bytea DEFAULT NULL,
  OUT scenario integer,
  OUT chunk bigint,
  OUT partial bytea)
RETURNS SETOF record
LANGUAGE c STABLE PARALLEL SAFE ROWS 100 COST 10000
SUPPORT sim.chunks_support
AS 'MODULE_PATHNAME', 'sim_chunks';
COMMENT ON FUNCTION sim.chunks(bytea, bytea) IS
  'simulates a serialized experiment and gives the mergeable partial of each chunk of trials; what the statistics functions run inside themselves; keep says what a partial holds besides moments; bytes that are no experiment are an error (XX001)';

-- The merge tree as an aggregate.

CREATE FUNCTION sim.merge_transition(internal, bytea) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_merge_transition';
COMMENT ON FUNCTION sim.merge_transition(internal, bytea) IS 'transition function of sim.merge';

CREATE FUNCTION sim.merge_combine(internal, internal) RETURNS internal
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_merge_combine';
COMMENT ON FUNCTION sim.merge_combine(internal, internal) IS 'combine function of sim.merge';

CREATE FUNCTION sim.merge_serialize(internal) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_merge_serialize';
COMMENT ON FUNCTION sim.merge_serialize(internal) IS 'serialize function of sim.merge';

CREATE FUNCTION sim.merge_deserialize(bytea, internal) RETURNS internal
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_merge_deserialize';
COMMENT ON FUNCTION sim.merge_deserialize(bytea, internal) IS 'deserialize function of sim.merge';

CREATE FUNCTION sim.merge_final(internal) RETURNS bytea
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_merge_final';
COMMENT ON FUNCTION sim.merge_final(internal) IS 'final function of sim.merge';

CREATE AGGREGATE sim.merge(partial bytea) (
  SFUNC = sim.merge_transition,
  STYPE = internal,
  SSPACE = 100000,
  FINALFUNC = sim.merge_final,
  COMBINEFUNC = sim.merge_combine,
  SERIALFUNC = sim.merge_serialize,
  DESERIALFUNC = sim.merge_deserialize,
  PARALLEL = SAFE
);
COMMENT ON AGGREGATE sim.merge(bytea) IS
  'merges partials of one experiment into one, in any order and grouping to the same bits; NULL where there is none; a trial that comes twice, or a partial of another experiment, is an error (XX001)';

-- Statistics.

CREATE FUNCTION sim.monte_carlo(
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
SUPPORT sim.monte_carlo_support
AS 'MODULE_PATHNAME', 'sim_monte_carlo';
COMMENT ON FUNCTION sim.monte_carlo(text, bigint, bigint, text[], jsonb) IS
  'simulates a model and gives the statistics of each output, by scenario and step, over the trials with a finite value; failed_trials counts the others; kurtosis is the excess; trials NULL: 10,000, or every window of a model that uses historical; scenarios NULL: the base alone, ARRAY[''*'']: the base and all; a statistic that does not exist is NULL; same arguments, same bits, however many workers run';

CREATE FUNCTION sim.percentiles(
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
SUPPORT sim.percentiles_support
AS 'MODULE_PATHNAME', 'sim_percentiles';
COMMENT ON FUNCTION sim.percentiles(text, float8[], bigint, bigint, text[], jsonb) IS
  'gives exact percentiles of the samples, as percentile_cont does, each with a distribution-free 95 % interval of the distribution''s own percentile; percentiles are fractions, ARRAY[0.05, 0.5, 0.95]; other arguments as sim.monte_carlo; a limit that so few trials do not allow is NULL';

CREATE FUNCTION sim.compare(
  model text,
  scenarios text[],
  baseline text DEFAULT NULL,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  statistic text DEFAULT 'mean',
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (
  scenario text,
  variable text,
  step integer,
  value float8,
  baseline float8,
  difference float8,
  relative_difference float8,
  std_error float8)
LANGUAGE c STABLE PARALLEL SAFE ROWS 20 COST 1000000
SUPPORT sim.compare_support
AS 'MODULE_PATHNAME', 'sim_compare';
COMMENT ON FUNCTION sim.compare(text, text[], text, bigint, bigint, text, jsonb) IS
  'compares scenarios with a baseline, the base where it is NULL; trials NULL compares converged values, otherwise the statistic (mean, stddev, p05, any column of sim.monte_carlo) of runs on common random numbers; relative_difference is the difference over the size of the baseline''s value; std_error is that of the paired difference, NULL where there is none';

CREATE FUNCTION sim.report(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenario text DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS SETOF text
LANGUAGE c STABLE PARALLEL SAFE ROWS 20 COST 1000000
AS 'MODULE_PATHNAME', 'sim_report';
COMMENT ON FUNCTION sim.report(text, bigint, bigint, text, jsonb) IS
  'simulates a model and tells the result in lines of text for a person: statistics with their error, percentiles, a histogram of each output; arguments as sim.samples';

CREATE FUNCTION sim.result_hash(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS text
LANGUAGE c STABLE PARALLEL SAFE COST 1000000
AS 'MODULE_PATHNAME', 'sim_result_hash';
COMMENT ON FUNCTION sim.result_hash(text, bigint, bigint, text[], jsonb) IS
  'gives the SHA-256, in hexadecimal, of the bits of all that sim.monte_carlo computes from the same arguments; equal results have equal hashes on every machine';

CREATE FUNCTION sim.explain_model(
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenario text DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (step integer, what text, how text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 10 COST 1000
AS 'MODULE_PATHNAME', 'sim_explain_model';
COMMENT ON FUNCTION sim.explain_model(text, bigint, bigint, text, jsonb) IS
  'tells what simulating a model computes, in which order: what is computed once, per trial and per step, how loops are solved, how trials are cut into chunks, and what it costs; arguments as sim.samples';

CREATE FUNCTION sim.create_sample_view(
  view text,
  model text,
  trials bigint DEFAULT NULL,
  seed bigint DEFAULT 1,
  scenario text DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_create_sample_view';
COMMENT ON FUNCTION sim.create_sample_view(text, text, bigint, bigint, text, jsonb) IS
  'creates a plain view with typed columns over sim.samples: trial, step where an output has time, and every output; in the schema that the name says or the first on the caller''s search_path; other arguments as sim.samples; a name that is taken is an error (42P07)';

-- For tests.

CREATE FUNCTION sim.live_objects() RETURNS bigint
LANGUAGE c VOLATILE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'sim_live_objects';
COMMENT ON FUNCTION sim.live_objects() IS
  'counts objects of the engine that this session holds: 0 between transactions, also after errors and cancelled statements';

-- 45_cache.sql -- results by the hash of all they depend on: the table that keeps them, and looking at them.
--
-- Nobody has privileges on the table, row-level security has no policy, and the library reads and writes it by itself: a
-- result is believed because of the key it stands under.  It is no configuration of the extension: a dump leaves it out.

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

CREATE FUNCTION sim.list_cache_levels()
RETURNS TABLE(level text, hits bigint, misses bigint, puts bigint, evictions bigint, entries bigint, bytes bigint)
AS 'MODULE_PATHNAME', 'sim_list_cache_levels'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION sim.list_cache_levels() IS 'what sim.cache_stats shows';

CREATE FUNCTION sim.cache_clear(level text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'sim_cache_clear'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION sim.cache_clear(text)
IS 'removes the results of a level of the cache, or of all levels that the caller may empty';

CREATE FUNCTION sim.cache_prune()
RETURNS bigint
AS 'MODULE_PATHNAME', 'sim_cache_prune'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION sim.cache_prune()
IS 'deletes results that are too old or too many from sim.stored_cache, and returns how many';

CREATE VIEW sim.cache_stats WITH (security_invoker = true) AS
  SELECT level, hits, misses, puts, evictions, entries, bytes
  FROM sim.list_cache_levels();
COMMENT ON VIEW sim.cache_stats IS 'use of the cache of results, level by level';
COMMENT ON COLUMN sim.cache_stats.level IS 'session: of this session; shared: of all sessions, where the library is preloaded; table: sim.stored_cache';
COMMENT ON COLUMN sim.cache_stats.hits IS 'results found here; for the table of all sessions where the library is preloaded, else of this one';
COMMENT ON COLUMN sim.cache_stats.misses IS 'results looked for and not found here';
COMMENT ON COLUMN sim.cache_stats.puts IS 'results put here';
COMMENT ON COLUMN sim.cache_stats.evictions IS 'results that had to leave, for their age or for want of room';
COMMENT ON COLUMN sim.cache_stats.entries IS 'results that are here; NULL where the table cannot be read at the moment';
COMMENT ON COLUMN sim.cache_stats.bytes IS 'memory or room they take; NULL where the table cannot be read at the moment';
GRANT SELECT ON sim.cache_stats TO PUBLIC;

-- 46_keys.sql -- what names a result: its content, as a hash; and the inputs that went into it.
--
-- A stored result is current as long as the keys stored with it are those of the same arguments now.  Both functions only
-- compute and see what their caller may see.

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
  'names the result of each output of each scenario by the SHA-256 of all it depends on: what it reads of the model, the effective values of its inputs, bound rows, trials and seed; equal keys mean equal bits; how the text is written, unread inputs, units and the names of scenarios are no part of it; arguments as sim.monte_carlo';

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
  'lists the inputs and data blocks that the outputs read, as they are in each scenario: source is default, scenario, override or binding; value of a number, definition of a formula or distribution as it was written, rows of what is bound or given for each step; hash is equal where they are equal; arguments as sim.monte_carlo';

-- 50_views.sql -- what a person or a BI tool looks around in.
--
-- The views show what the tables' row-level security lets the asking role see (security_invoker), in the current version of
-- each model.  A text that this version of the extension no longer accepts has no rows in the views that look into texts.

CREATE FUNCTION sim.list_distributions()
RETURNS TABLE (
  name text,
  parameters text,
  support text,
  mean text,
  discrete boolean,
  from_data boolean,
  description text,
  example text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 20
AS 'MODULE_PATHNAME', 'sim_list_distributions';
COMMENT ON FUNCTION sim.list_distributions() IS 'the distributions an input may have; see view sim.distributions';

CREATE FUNCTION sim.list_functions()
RETURNS TABLE (
  name text,
  parameters text,
  kind text,
  description text,
  example text,
  result text)
LANGUAGE c STABLE PARALLEL SAFE ROWS 80
AS 'MODULE_PATHNAME', 'sim_list_functions';
COMMENT ON FUNCTION sim.list_functions() IS 'the functions a formula may call; see view sim.functions';

CREATE VIEW sim.models WITH (security_invoker = true) AS
  SELECT
    m.name,
    m.current_version AS version,
    m.owner,
    m.comment,
    f.steps,
    f.step_label,
    f.uncertain,
    f.outputs,
    m.created_at,
    v.created_at AS changed_at,
    v.source
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  LEFT JOIN LATERAL sim.model_facts(v.source) AS f ON true;
COMMENT ON VIEW sim.models IS 'the models the current role may use, in their current versions';
COMMENT ON COLUMN sim.models.name IS 'name of the model';
COMMENT ON COLUMN sim.models.version IS 'current version';
COMMENT ON COLUMN sim.models.owner IS 'role whose members see, use and change the model';
COMMENT ON COLUMN sim.models.comment IS 'what the model is for';
COMMENT ON COLUMN sim.models.steps IS 'last time step; 0 without time';
COMMENT ON COLUMN sim.models.step_label IS 'what a step is called';
COMMENT ON COLUMN sim.models.uncertain IS 'whether chance plays a part';
COMMENT ON COLUMN sim.models.outputs IS 'what the model reports, in its order';
COMMENT ON COLUMN sim.models.created_at IS 'when the first version was stored';
COMMENT ON COLUMN sim.models.changed_at IS 'when the current version was stored';
COMMENT ON COLUMN sim.models.source IS 'text of the current version';

CREATE VIEW sim.model_versions WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    v.version,
    v.version OPERATOR(pg_catalog.=) m.current_version AS is_current,
    v.created_at,
    v.created_by,
    v.source
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v ON v.model_id OPERATOR(pg_catalog.=) m.model_id;
COMMENT ON VIEW sim.model_versions IS 'all versions of the models; each can be named as model@version';
COMMENT ON COLUMN sim.model_versions.model IS 'name of the model';
COMMENT ON COLUMN sim.model_versions.version IS 'number of the version, from 1';
COMMENT ON COLUMN sim.model_versions.is_current IS 'whether the plain name stands for this version';
COMMENT ON COLUMN sim.model_versions.created_at IS 'when the version was stored';
COMMENT ON COLUMN sim.model_versions.created_by IS 'role that stored it';
COMMENT ON COLUMN sim.model_versions.source IS 'the text';

CREATE VIEW sim.scenarios WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    s.name AS scenario,
    COALESCE(s.parent, 'base') AS parent,
    s.overrides,
    s.created_at
  FROM sim.stored_models AS m
  JOIN sim.stored_scenarios AS s ON s.model_id OPERATOR(pg_catalog.=) m.model_id;
COMMENT ON VIEW sim.scenarios IS 'the scenarios of the models, besides the base that every model has';
COMMENT ON COLUMN sim.scenarios.model IS 'name of the model';
COMMENT ON COLUMN sim.scenarios.scenario IS 'name of the scenario';
COMMENT ON COLUMN sim.scenarios.parent IS 'scenario whose overrides hold where this one has none';
COMMENT ON COLUMN sim.scenarios.overrides IS 'values of inputs by name';
COMMENT ON COLUMN sim.scenarios.created_at IS 'when the scenario was stored';

CREATE VIEW sim.bindings WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    b.name,
    b.query,
    b.ordered,
    b.view,
    c.relowner::regrole AS owner,
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
  LEFT JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) b.view;
COMMENT ON VIEW sim.bindings IS 'what queries supply to data blocks and inputs of the models';
COMMENT ON COLUMN sim.bindings.model IS 'name of the model';
COMMENT ON COLUMN sim.bindings.name IS 'data block or input that is supplied';
COMMENT ON COLUMN sim.bindings.query IS 'the query as it was given';
COMMENT ON COLUMN sim.bindings.ordered IS 'whether the query had an ORDER BY';
COMMENT ON COLUMN sim.bindings.view IS 'view that holds the query';
COMMENT ON COLUMN sim.bindings.owner IS 'role with whose rights the query runs; NULL when the view is gone';
COMMENT ON COLUMN sim.bindings.created_at IS 'when the query was bound';
COMMENT ON COLUMN sim.bindings.follows IS 'columns that the query reads';

CREATE VIEW sim.variables WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.place,
    x.variable,
    x.kind,
    x.timed,
    x.definition,
    x.unit,
    x.description,
    x.uncertain,
    x.range_low,
    x.range_high,
    x.line
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_variables(v.source) AS x;
COMMENT ON VIEW sim.variables IS 'the inputs and formulas of the models';
COMMENT ON COLUMN sim.variables.model IS 'name of the model';
COMMENT ON COLUMN sim.variables.place IS 'place in the order of the text, from 1';
COMMENT ON COLUMN sim.variables.variable IS 'name of the variable';
COMMENT ON COLUMN sim.variables.kind IS 'input, formula, or output for a formula that is reported';
COMMENT ON COLUMN sim.variables.timed IS 'whether it has a value at each step';
COMMENT ON COLUMN sim.variables.definition IS 'its definition as written';
COMMENT ON COLUMN sim.variables.unit IS 'its unit; NULL without one';
COMMENT ON COLUMN sim.variables.description IS 'its description; NULL without one';
COMMENT ON COLUMN sim.variables.uncertain IS 'whether it is drawn';
COMMENT ON COLUMN sim.variables.range_low IS 'least value it may be given; NULL without a range';
COMMENT ON COLUMN sim.variables.range_high IS 'greatest value it may be given; NULL without a range';
COMMENT ON COLUMN sim.variables.line IS 'line of the text that defines it';

CREATE VIEW sim.dependencies WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.variable,
    x.depends_on,
    x.lag
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_dependencies(v.source) AS x;
COMMENT ON VIEW sim.dependencies IS 'what each variable of the models reads';
COMMENT ON COLUMN sim.dependencies.model IS 'name of the model';
COMMENT ON COLUMN sim.dependencies.variable IS 'variable that reads';
COMMENT ON COLUMN sim.dependencies.depends_on IS 'variable that is read';
COMMENT ON COLUMN sim.dependencies.lag IS 'steps back: 0 at the same step or without time; NULL for a whole series';

CREATE VIEW sim.loops WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.loop,
    x.variables,
    x.method,
    x.linear
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_loops(v.source) AS x;
COMMENT ON VIEW sim.loops IS 'the sets of circular formulas of the models, each solved together';
COMMENT ON COLUMN sim.loops.model IS 'name of the model';
COMMENT ON COLUMN sim.loops.loop IS 'number in the order of evaluation, from 1';
COMMENT ON COLUMN sim.loops.variables IS 'formulas of the loop, by name';
COMMENT ON COLUMN sim.loops.method IS 'how it is solved';
COMMENT ON COLUMN sim.loops.linear IS 'whether it is linear in its unknowns';

CREATE VIEW sim.data_blocks WITH (security_invoker = true) AS
  SELECT
    m.name AS model,
    x.name,
    x.columns,
    x.ordered,
    EXISTS (
      SELECT FROM sim.stored_bindings AS b
      WHERE b.model_id OPERATOR(pg_catalog.=) m.model_id
        AND b.name OPERATOR(pg_catalog.=) x.name) AS bound
  FROM sim.stored_models AS m
  JOIN sim.stored_versions AS v
    ON v.model_id OPERATOR(pg_catalog.=) m.model_id
    AND v.version OPERATOR(pg_catalog.=) m.current_version
  CROSS JOIN LATERAL sim.model_data(v.source) AS x;
COMMENT ON VIEW sim.data_blocks IS 'the data blocks of the models';
COMMENT ON COLUMN sim.data_blocks.model IS 'name of the model';
COMMENT ON COLUMN sim.data_blocks.name IS 'name of the data block';
COMMENT ON COLUMN sim.data_blocks.columns IS 'columns it reads, by name';
COMMENT ON COLUMN sim.data_blocks.ordered IS 'whether the order of its rows matters, so that its query needs an ORDER BY';
COMMENT ON COLUMN sim.data_blocks.bound IS 'whether a query supplies it';

CREATE VIEW sim.distributions WITH (security_invoker = true) AS
  SELECT name, parameters, support, mean, discrete, from_data, description, example
  FROM sim.list_distributions();
COMMENT ON VIEW sim.distributions IS 'the distributions an input may have';
COMMENT ON COLUMN sim.distributions.name IS 'name of the distribution';
COMMENT ON COLUMN sim.distributions.parameters IS 'its parameters in order';
COMMENT ON COLUMN sim.distributions.support IS 'values it can take';
COMMENT ON COLUMN sim.distributions.mean IS 'formula of its mean';
COMMENT ON COLUMN sim.distributions.discrete IS 'whether its values can be counted';
COMMENT ON COLUMN sim.distributions.from_data IS 'whether it is drawn from the rows of a data block';
COMMENT ON COLUMN sim.distributions.description IS 'what it is for';
COMMENT ON COLUMN sim.distributions.example IS 'how it is written';

CREATE VIEW sim.functions WITH (security_invoker = true) AS
  SELECT name, parameters, kind, description, example, result
  FROM sim.list_functions();
COMMENT ON VIEW sim.functions IS 'the functions a formula may call';
COMMENT ON COLUMN sim.functions.name IS 'name of the function';
COMMENT ON COLUMN sim.functions.parameters IS 'its arguments in order';
COMMENT ON COLUMN sim.functions.kind IS 'group it belongs to';
COMMENT ON COLUMN sim.functions.description IS 'what it gives';
COMMENT ON COLUMN sim.functions.example IS 'how it is written';
COMMENT ON COLUMN sim.functions.result IS 'what the example gives; NULL where it needs a model';

GRANT SELECT ON
  sim.models, sim.model_versions, sim.scenarios, sim.bindings, sim.variables, sim.dependencies, sim.loops,
  sim.data_blocks, sim.distributions, sim.functions
TO PUBLIC;

-- 80_sharing.sql -- what belongs to others: granting, copying, comparing versions, and who did what.

CREATE FUNCTION sim.grant(
  object text,
  role text,
  privilege text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_grant';
COMMENT ON FUNCTION sim.grant(text, text, text) IS
  'lets a role, or public, see a model and its text (read), compute with it (run, which includes read), or make versions, scenarios and bindings (edit, which includes both); for the owner only (42501)';

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
  model text,
  role text)
RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'sim_set_owner';
COMMENT ON FUNCTION sim.set_owner(text, text) IS
  'gives a model to another role, which the caller must be a member of (42501); grants stay, and bindings go on with the rights of who bound them';

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

CREATE VIEW sim.grants WITH (security_invoker = true) AS
  SELECT
    'model' AS kind,
    m.name AS object,
    CASE WHEN g.grantee OPERATOR(pg_catalog.=) 0::oid THEN 'public' ELSE g.grantee::text END AS grantee,
    g.privilege,
    g.granted_by,
    g.granted_at
  FROM sim.stored_grants AS g
  JOIN sim.stored_models AS m ON m.model_id OPERATOR(pg_catalog.=) g.model_id;
COMMENT ON VIEW sim.grants IS 'what was granted on one''s models, and to oneself on those of others';
COMMENT ON COLUMN sim.grants.kind IS 'what the object is: model';
COMMENT ON COLUMN sim.grants.object IS 'name of the object';
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
COMMENT ON COLUMN sim.stored_audit.action IS 'create, change or drop';
COMMENT ON COLUMN sim.stored_audit.kind IS 'what the object is';
COMMENT ON COLUMN sim.stored_audit.model_id IS 'model the object belongs to';
COMMENT ON COLUMN sim.stored_audit.model IS 'name of the model then';
COMMENT ON COLUMN sim.stored_audit.owner IS 'role that owned the object before';
COMMENT ON COLUMN sim.stored_audit.object IS 'name or number of the object then';
COMMENT ON COLUMN sim.stored_audit.before IS 'its row before; NULL when it was created';
COMMENT ON COLUMN sim.stored_audit.after IS 'its row afterwards; NULL when it was dropped';

ALTER TABLE sim.stored_audit ENABLE ROW LEVEL SECURITY;

-- What belonged to oneself, also when it is gone; what belongs to a model that one sees, but not to whom else it was granted.
CREATE POLICY seen ON sim.stored_audit FOR SELECT
  USING (pg_catalog.pg_has_role(owner, 'MEMBER')
    OR EXISTS (
      SELECT FROM sim.stored_models AS m
      WHERE m.model_id OPERATOR(pg_catalog.=) stored_audit.model_id
        AND (kind OPERATOR(pg_catalog.<>) 'grant' OR pg_catalog.pg_has_role(m.owner, 'MEMBER'))));
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
-- Grants change only when their model gets another owner, which is recorded with the model.
CREATE TRIGGER audit AFTER INSERT OR DELETE ON sim.stored_grants
  FOR EACH ROW EXECUTE FUNCTION sim.record_audit('grant', 'grantee');

CREATE FUNCTION sim.prune_audit(
  keep interval)
RETURNS bigint
LANGUAGE sql VOLATILE PARALLEL UNSAFE
BEGIN ATOMIC
  WITH pruned AS (
    DELETE FROM sim.stored_audit
    WHERE at OPERATOR(pg_catalog.<) (pg_catalog.now() OPERATOR(pg_catalog.-) keep)
    RETURNING audit_id)
  SELECT pg_catalog.count(*) FROM pruned;
END;
COMMENT ON FUNCTION sim.prune_audit(interval) IS
  'deletes audit rows older than this and returns their number; for whoever was granted DELETE on sim.stored_audit';

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
COMMENT ON VIEW sim.audit IS 'who did what and when to models and what belongs to them, with the rows before and after';
COMMENT ON COLUMN sim.audit.at IS 'when it was done';
COMMENT ON COLUMN sim.audit.who IS 'role with whose rights it was done, as it was called then';
COMMENT ON COLUMN sim.audit.session_role IS 'role that had logged in';
COMMENT ON COLUMN sim.audit.action IS 'create, change or drop';
COMMENT ON COLUMN sim.audit.kind IS 'model, version, scenario, binding or grant';
COMMENT ON COLUMN sim.audit.model IS 'name of the model then';
COMMENT ON COLUMN sim.audit.object IS 'name of the object then: of the model, number of the version, name of the scenario, of what was bound, of the role';
COMMENT ON COLUMN sim.audit.before IS 'its row before; NULL when it was created';
COMMENT ON COLUMN sim.audit.after IS 'its row afterwards; NULL when it was dropped';
COMMENT ON COLUMN sim.audit.audit_id IS 'number of the row, in the order of writing';

GRANT SELECT ON sim.grants, sim.audit TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('sim.stored_audit_ids', '');
SELECT pg_catalog.pg_extension_config_dump('sim.stored_audit', '');

-- 90_grants.sql -- what nobody but the extension's owner may call.
--
-- Functions are granted to PUBLIC unless they are named here; tables and views were granted where they are made.
-- Everything runs with the rights of the caller, so a grant gives nobody more than a shorter way to what he may do anyway.

REVOKE CREATE ON SCHEMA sim FROM PUBLIC;
