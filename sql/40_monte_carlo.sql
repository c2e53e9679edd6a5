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
  'compares scenarios with a baseline, the base where it is NULL; trials NULL compares converged values, and another statistic than the default is an error (22023); otherwise the statistic (mean, stddev, p05, any column of sim.monte_carlo) of runs on common random numbers; relative_difference is the difference over the size of the baseline''s value; std_error is that of the paired difference, NULL where there is none';

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
