-- 44_errors.sql -- what sampling and statistics refuse: one clear error each, with SQLSTATE, facts and the next step.
BEGIN;
SELECT plan(59);

SELECT sim.create_model('plant', $$
  input energy ~ normal(80, 12)   range 0 to 1000
  input spread = 1
  input noise ~ normal(0, spread)
  output total = energy * 2 + noise
$$);
SELECT sim.create_model('path', $$
  steps 3 month
  x[0] = 1
  x[t] = x[t-1] + 1
  output x[t]
$$);
SELECT sim.create_model('growth', $$
  solve tolerance 1e-9 iterations 50 method gauss_seidel
  input a ~ normal(3, 0.1)
  price = a * wage + 1
  wage  = a * price + 1
  output price
$$);
SELECT sim.create_scenario('plant', 'dear', '{"energy": 100}');

\ir common/error_of.sql
-- As a scan, and as a plain function.
CREATE FUNCTION pg_temp.both(arguments text, columns text) RETURNS text[] LANGUAGE sql AS $$
  SELECT ARRAY[
    error_of(format('SELECT count(*) FROM sim.samples(%s) AS s(%s) WHERE random() > -1', arguments, columns)),
    error_of(format('SELECT count(s) FROM ROWS FROM (sim.samples(%s) AS (%s)) WITH ORDINALITY AS s', arguments, columns))]
$$;
CREATE FUNCTION pg_temp.same(errors text[], expected text) RETURNS boolean LANGUAGE sql AS
  'SELECT errors[1] LIKE expected AND errors[2] LIKE expected';

-- sim.samples.
SELECT ok(pg_temp.same(pg_temp.both('''plant''', 'trial bigint, totl float8'), E'42704\nmodel "plant@1" has no output "totl"\nDid you mean "total"?'), 'an unknown output');
SELECT ok(pg_temp.same(pg_temp.both('''plant''', 'trial int, total float8'), E'42804\ncolumn "trial" of sim.samples is bigint, not integer\n%'), 'trial of another type');
SELECT ok(pg_temp.same(pg_temp.both('''path''', 'step bigint, x float8'), E'42804\ncolumn "step" of sim.samples is integer, not bigint\n%'), 'step of another type');
SELECT ok(pg_temp.same(pg_temp.both('''plant''', 'total numeric'), E'42804\ncolumn "total" of sim.samples is double precision, not numeric\n%'), 'an output of another type');
SELECT ok(pg_temp.same(pg_temp.both('''plant''', 'step int, total float8'), E'22023\nnothing that is asked for has steps\n%'), 'a step where there is no time');
SELECT ok(pg_temp.same(pg_temp.both('''plnt''', 'total float8'), E'42704\nmodel "plnt" does not exist\nDid you mean "plant"?'), 'an unknown model');
SELECT ok(pg_temp.same(pg_temp.both('NULL', 'total float8'), E'22004\nmodel must not be null%'), 'no model');
SELECT ok(pg_temp.same(pg_temp.both('''plant@7''', 'total float8'), E'42704\nmodel "plant" has no version 7\n%'), 'an unknown version');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', 0', 'total float8'), E'22023\ntrials must be 1 or more, is 0\n%'), 'no trials');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', -5', 'total float8'), E'22023\ntrials must be 1 or more, is -5\n%'), 'negative trials');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', 9223372036854775807', 'total float8'), E'54000\n%sim.max_trials%'), 'absurdly many trials');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', 10, NULL', 'total float8'), E'22004\nseed must not be null\n%'), 'no seed');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', 10, 1, ''der''', 'total float8'), E'42704\nmodel "plant" has no scenario "der"\nDid you mean "dear"?'), 'an unknown scenario');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''{"enrgy": 1}''', 'total float8'), E'42704\n%"enrgy"%\n%"energy"%'), 'an unknown input');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''{"total": 1}''', 'total float8'), E'%"total"%'), 'an override of a formula');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''{"energy": 2000}''', 'total float8'), E'22003\n%energy%'), 'a value outside its range');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''{"energy": null}''', 'total float8'), E'22023\n%energy%'), 'a null override');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''[1]''', 'total float8'), E'22023\n%'), 'overrides that are no object');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''{"energy": "80 +"}''', 'total float8'), E'%energy%'), 'an override that does not parse');
SELECT ok(pg_temp.same(pg_temp.both('''plant'', overrides => ''{"energy": "~ normal(80, -1)"}''', 'total float8'), E'%\n%normal%'), 'a wrong parameter of a distribution');
SELECT matches(error_of('SELECT * FROM sim.samples(''plant'')'), 'column definition list is required', 'no column definition list');
SELECT matches(error_of('SELECT sim.samples(''plant'')'), '^0A000\nsim.samples is called where no columns are defined\n', 'a call that says no columns');
SELECT is((SELECT count(*) FROM sim.samples('plant', 100, overrides => '{"spread": "-abs(energy)"}') AS s(total float8) WHERE total = 'NaN'), 100::bigint,
  'a computed parameter that is wrong fails the trial');

-- sim.monte_carlo and the others.
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plnt'')'), E'^42704\nmodel "plnt" does not exist\n', 'an unknown model');
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plant'', 0)'), E'^22023\ntrials must be 1 or more', 'no trials');
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plant'', 100, NULL)'), E'^22004\nseed must not be null', 'no seed');
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plant'', scenarios => ARRAY[''x''])'), E'^42704\nmodel "plant" has no scenario "x"', 'an unknown scenario');
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plant'', scenarios => ARRAY[NULL])'), E'^22004\n', 'a scenario without name');
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plant'', scenarios => ARRAY[]::text[])'), E'^22023\nscenarios is an empty array', 'no scenarios');
SELECT matches(error_of('SELECT (sim.monte_carlo(''plant'', 0)).mean'), E'^22023\ntrials must be 1 or more', 'in a target list');
SELECT matches(error_of('SELECT * FROM sim.percentiles(''plant'', NULL)'), E'^22004\npercentiles must not be null', 'no percentiles');
SELECT matches(error_of('SELECT * FROM sim.percentiles(''plant'', ARRAY[]::float8[])'), E'^22023\npercentiles is an empty array', 'an empty array of percentiles');
SELECT matches(error_of('SELECT * FROM sim.percentiles(''plant'', ARRAY[0.5, NULL])'), E'^22004\na percentile must not be null\nElement 2', 'a null percentile');
SELECT matches(error_of('SELECT * FROM sim.percentiles(''plant'', ARRAY[0.5, 95])'), E'^22023\npercentile 95 is not between 0 and 1\n.*\n.*0\\.95', 'a percentile in percent');
SELECT matches(error_of('SELECT * FROM sim.percentiles(''plant'', ARRAY[''NaN''::float8])'), E'^22023\npercentile NaN is not between 0 and 1', 'a percentile that is no number');
SELECT matches(error_of('SELECT * FROM sim.compare(''plant'', NULL)'), E'^22004\nscenarios must not be null', 'nothing to compare');
SELECT matches(error_of('SELECT * FROM sim.compare(''plant'', ARRAY[''dear''], baseline => ''x'')'), E'^42704\nmodel "plant" has no scenario "x"', 'an unknown baseline');
SELECT matches(error_of('SELECT * FROM sim.compare(''plant'', ARRAY[''dear''], trials => 10, statistic => ''mode'')'), E'^22023\nunknown statistic "mode"\n.*median', 'an unknown statistic');
SELECT matches(error_of('SELECT * FROM sim.compare(''plant'', ARRAY[''dear''], statistic => ''mode'')'), E'^22023\nunknown statistic "mode"\n.*median', 'nor is there one without trials');
SELECT matches(error_of('SELECT * FROM sim.compare(''plant'', ARRAY[''dear''], statistic => ''p95'')'), E'^22023\nstatistic "p95" needs trials\nWithout trials.*\nGive trials', 'converged values have no percentiles');
SELECT matches(error_of('SELECT * FROM sim.compare(''plant'', ARRAY[''dear''], statistic => NULL)'), E'^22004\nstatistic must not be null', 'no statistic');
SELECT matches(error_of('SELECT * FROM sim.report(''plant'', 0)'), E'^22023\ntrials must be 1 or more', 'a report without trials');
SELECT matches(error_of('SELECT sim.result_hash(NULL)'), E'^22004\nmodel must not be null', 'the hash of nothing');
SELECT matches(error_of('SELECT * FROM sim.explain_model(''plnt'')'), E'^42704\n', 'an explanation of nothing');
SELECT matches(error_of('SELECT sim.create_sample_view(NULL, ''plant'')'), E'^22004\nview must not be null', 'a view without name');
SELECT matches(error_of('SELECT sim.create_sample_view(''v'', ''plnt'')'), E'^42704\n', 'a view of nothing');
SELECT matches(error_of('SELECT sim.create_sample_view(''a..b'', ''plant'')'), E'^42602\n', 'a view whose name is none');

-- A loop that does not converge fails the trial, not the run; sim.compare of converged values is an error.
SELECT results_eq('SELECT trials, failed_trials, mean FROM sim.monte_carlo(''growth'', 200)', 'VALUES (200::bigint, 200::bigint, NULL::float8)', 'not converging fails the trial');
SELECT matches(error_of('SELECT * FROM sim.compare(''growth'', ARRAY[''*''])'), E'^SM001\nloop 1 of model "growth', 'not converging is an error where values are compared');

-- Limits that a superuser sets.
SELECT sim.experiment('plant', 1000) AS experiment \gset
SET LOCAL sim.max_trials = 1000;
SELECT ok(pg_temp.same(pg_temp.both('''plant'', 1001', 'total float8'), E'54000\n%sim.max_trials%'), 'sim.max_trials');
SET LOCAL sim.max_trials = 10;
SELECT matches(error_of(format('SELECT count(partial) FROM sim.chunks(%L)', :'experiment')), '^54000\n.*sim.max_trials',
  'sim.max_trials holds for bytes that were made before');
RESET sim.max_trials;
SET LOCAL sim.max_scenarios = 1;
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''plant'', scenarios => ARRAY[''*''])'), '^54000\n', 'sim.max_scenarios');
RESET sim.max_scenarios;
SET LOCAL sim.max_steps = 2;
SELECT matches(error_of('SELECT * FROM sim.monte_carlo(''path'')'), '^54000\n.*sim.max_steps', 'sim.max_steps');
RESET sim.max_steps;
SET LOCAL sim.max_model_size = '1kB';
SELECT lives_ok('SELECT * FROM sim.monte_carlo(''plant'', 10)', 'a short text is within sim.max_model_size');
RESET sim.max_model_size;
SELECT throws_ok('SET sim.batch_lanes = 100', '22023', NULL, 'batches are multiples of 128');
SELECT throws_ok('SET sim.chunk_leaves = 3', '22023', NULL, 'chunks are powers of two');
SELECT throws_ok('SET sim.nonsense = 3', '42602', NULL, 'settings that are none');
CREATE ROLE sim_test_user;
SET LOCAL ROLE sim_test_user;
SELECT throws_ok('SET sim.max_trials = 1', '42501', NULL, 'a user does not change limits');
SELECT lives_ok('SET LOCAL sim.exact_percentile_memory = ''1MB''', 'a user says how much memory percentiles may take');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
