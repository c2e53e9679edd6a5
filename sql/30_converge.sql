-- 30_converge.sql -- solving models without chance.

CREATE FUNCTION sim.converge_support(internal) RETURNS internal
LANGUAGE c STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'sim_converge_support';
COMMENT ON FUNCTION sim.converge_support(internal) IS 'planner support of sim.converge: gives its rows one by one where it stands in FROM';

CREATE FUNCTION sim.converge(
  model text,
  scenarios text[] DEFAULT NULL,
  overrides jsonb DEFAULT '{}')
RETURNS TABLE (scenario text, variable text, step integer, value float8)
LANGUAGE c STABLE PARALLEL SAFE ROWS 50 COST 100
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
