-- 61_runs.sql -- running a model and storing what comes out: sim.run, the views over what is stored, finding, deleting.
--
-- sim.run reads model, inputs and content keys and computes the statistics under one snapshot.  Nothing is locked, so readers
-- and other runs never wait.

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

-- Else the server would say at which of the function's own statements it stops.
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
