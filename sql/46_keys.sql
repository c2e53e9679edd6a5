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

-- What result views are made of: where a binding has a fault, what does not read it.

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
