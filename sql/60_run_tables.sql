-- 60_run_tables.sql -- what is stored of runs.
--
-- A run exists for members of the role that owns it; what belongs to it has the same policy through it, and goes with it.
-- A run outlives its model: it keeps the model's number and name.

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

-- A row of 1,000 samples fills a page: no compression, no storage beside it.
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
-- Nobody takes a number that another session's next run would have.
CREATE POLICY numbered ON sim.stored_runs AS RESTRICTIVE FOR INSERT
  WITH CHECK (run_id OPERATOR(pg_catalog.=) pg_catalog.currval('sim.stored_run_ids'::regclass));

-- The queries inside policies are under the policy of sim.stored_runs themselves.  They are no EXISTS, which may be planned as
-- a scan of all runs for the rows of one.
CREATE POLICY members ON sim.stored_run_inputs
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_inputs.run_id));
CREATE POLICY members ON sim.stored_run_keys
  USING ((SELECT true FROM sim.stored_runs AS r WHERE r.run_id OPERATOR(pg_catalog.=) stored_run_keys.run_id));
-- Bound rows may be secrets of the owner: not even who may see the run sees them.
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
