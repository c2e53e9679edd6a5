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
  'lets a query supply a data block or an input, in place of an earlier binding; the query becomes a view of the caller, is run and checked at once, and always runs with the caller''s rights; triggers on the tables it reads record their changes, where the caller may make them; anything but one SELECT is an error (42601), so are missing columns (42703), types that are no numbers (42804), NULLs (22004) and unusable rows (22000)';

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
