-- 60_runs.sql -- stored runs: what is stored of a run, what is read from it without running again, and when it is current.
BEGIN;
SELECT plan(123);

SELECT sim.create_model('plant', $$
  input material  = 100   unit 'EUR/t'
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  input idle      = 1
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 0.8 * material + co2
  output total = material + energy + transport + disposal   unit 'EUR/t'
  output dear  = total > 320
  output fuel  = 3 * energy
$$);
SELECT sim.create_model('path', $$
  steps 36 month
  input change[t] ~ normal(0.01, 0.05)
  level[0] = 100
  level[t] = level[t-1] * (1 + change[t])
  output level[t]
  output final = level[last]
$$);
SELECT sim.create_model('sometimes', $$
  input x ~ uniform(-1, 1)
  output root = sqrt(x)
  output never = sqrt(-1 - x * x)
  output twice = 2 * x
$$);
SELECT sim.create_scenario('plant', 'poor', '{"material": 50}');
CREATE FUNCTION pg_temp.near(a float8, b float8) RETURNS boolean LANGUAGE sql AS
  'SELECT abs(a - b) <= 1e-9 * greatest(abs(a), abs(b), 1)';

CREATE TEMP TABLE made AS SELECT
  sim.run('plant', 20500, name => 'with samples', keep_samples => true, tags => ARRAY['Autumn', 'plan']) AS kept,
  sim.run('plant', 20500, overrides => '{"energy": "~ normal(85, 12)"}') AS sketched;
CREATE TEMP TABLE samples AS SELECT * FROM sim.samples('plant', 20500) AS s(trial bigint, total float8, dear float8, fuel float8);
CREATE TEMP TABLE other AS SELECT * FROM sim.samples('plant', 20500, overrides => '{"energy": "~ normal(85, 12)"}') AS s(trial bigint, total float8);

-- The run.
SELECT results_eq('SELECT name, tags, model, version, trials, seed, scenarios, overrides, current, keep_samples, step_label FROM sim.runs ORDER BY run',
  $$VALUES ('with samples', ARRAY['Autumn', 'plan'], 'plant', 1, 20500::bigint, 1::bigint, NULL::text[], '{}'::jsonb, true, true, NULL::text),
    (NULL, '{}', 'plant', 1, 20500, 1, NULL, '{"energy": "~ normal(85, 12)"}', true, false, NULL)$$, 'a run tells what was asked for');
SELECT results_eq('SELECT owner::text, duration > interval ''0'', code_version, created_at > now() - interval ''1 hour'' FROM sim.runs LIMIT 1',
  $$SELECT current_user::text COLLATE "default", true, extversion COLLATE "default", true FROM pg_extension WHERE extname = 'pg_simulate'$$, 'and who ran it, how long, with which code');
SELECT is(result_hash, sim.result_hash('plant', 20500), 'its hash is that of the result') FROM sim.runs, made WHERE run = kept;
SELECT isnt(sketched, kept, 'each run has its number') FROM made;
SELECT results_eq('SELECT scenario, input, source, value FROM sim.run_inputs, made WHERE run = sketched ORDER BY input',
  $$SELECT scenario, input, source, value FROM sim.effective_inputs('plant', NULL, '{"energy": "~ normal(85, 12)"}') ORDER BY input$$,
  'the inputs it had are stored');
SELECT results_eq('SELECT scenario, output, key FROM sim.stored_run_keys, made WHERE run_id = kept ORDER BY output',
  $$SELECT scenario, output, key FROM sim.output_keys('plant', 20500) ORDER BY output$$, 'and the keys of its outputs');
SELECT throws_ok('SELECT sim.run(''absent'')', '42704', NULL, 'no model, no run');
CREATE FUNCTION pg_temp.context_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE context text;
BEGIN
  EXECUTE statement;
  RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
  GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
  RETURN context;
END $$;
SELECT matches(pg_temp.context_of('SELECT sim.run(''absent'')'),
  '^SQL statement "SELECT [^\n]*"\nPL/pgSQL function sim.run[^\n]*\nSQL statement "SELECT sim.run', 'the context of an error is short');
SELECT matches(pg_temp.context_of('SELECT sim.run(''plant'', overrides => ''{"nothing": 1}'')'), '^SQL statement "SELECT [^\n]*"\nPL/pgSQL function sim.run', 'also where an override is wrong');
SELECT throws_ok('SELECT sim.run(''plant'', seed => NULL)', '22004', NULL, 'a seed is needed');
SELECT is(count(*), 2::bigint, 'what failed is not there') FROM sim.stored_runs;

-- Results.
SELECT results_eq('SELECT scenario, output, step, trials, failed_trials, mean, std_error, stddev, skewness, kurtosis, min, p05, p25, median, p75, p95, max FROM sim.results, made WHERE run = kept',
  'SELECT * FROM sim.monte_carlo(''plant'', 20500)', 'results are those of sim.monte_carlo, bit for bit');
SELECT results_eq('SELECT output, unit, current FROM sim.results, made WHERE run = kept',
  $$VALUES ('total', 'EUR/t', true), ('dear', NULL, true), ('fuel', NULL, true)$$, 'with units, and whether they are current');
SELECT is((SELECT sum(trials) FROM sim.histograms, made WHERE run = kept AND output = 'total'), 20500::numeric, 'a histogram counts every trial');
SELECT is_empty($$
  SELECT h.bin, h.trials FROM sim.histograms AS h, made WHERE h.run = made.kept AND h.output = 'total' AND h.trials <> (
    SELECT count(*) FROM samples WHERE total >= h.lower AND (total < h.upper OR h.upper = (SELECT max(total) FROM samples)))$$,
  'where the samples say');
SELECT ok(bool_and(lower = round(lower) AND upper = round(upper)), 'at round numbers')
  FROM sim.histograms, made WHERE run = kept AND output = 'total' AND bin > 1 AND upper < 345;
SELECT is(sum(share), 1::float8, 'shares add up to 1') FROM sim.histograms, made WHERE run = kept AND output = 'dear';
SELECT results_eq('SELECT trial, value FROM (SELECT first_trial + n - 1 AS trial, value FROM sim.samples_stored AS s, made, unnest(s.samples) WITH ORDINALITY AS x (value, n) WHERE run = kept AND output = ''total'') AS t ORDER BY trial',
  'SELECT trial, total FROM samples ORDER BY trial', 'samples are those of sim.samples, bit for bit');
SELECT is(max(cardinality(s.samples)), 1000, 'in blocks of a thousand') FROM sim.samples_stored AS s;
SELECT is_empty('SELECT FROM sim.samples_stored, made WHERE run = sketched', 'and none where they were not to be kept');

-- However little memory there is, the numbers are the same.
CREATE TEMP TABLE whole AS SELECT s.* FROM sim.run_statistics('plant', 100000) AS s;
SET LOCAL sim.cache = off;
SET LOCAL sim.exact_percentile_memory = '64kB';
SELECT results_eq('SELECT output, p05, max, sketch, edges, counts, result_hash FROM sim.run_statistics(''plant'', 100000)',
  'SELECT output, p05, max, sketch, edges, counts, result_hash FROM whole', 'samples that do not fit give the same statistics, sketch and histogram');
RESET sim.exact_percentile_memory;
SELECT results_eq('SELECT output, p05, max, sketch, edges, counts, result_hash FROM sim.run_statistics(''plant'', 100000)',
  'SELECT output, p05, max, sketch, edges, counts, result_hash FROM whole', 'and so does a run without the cache');
RESET sim.cache;
SELECT is(cardinality(levels), 211, 'few numbers have the fine grid of levels') FROM sim.runs AS r JOIN sim.stored_runs AS s ON s.run_id = r.run LIMIT 1;

-- The cache.
CREATE FUNCTION pg_temp.found(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) ' || query LOOP
    IF line ~ 'Cache:' THEN RETURN trim(line); END IF;
  END LOOP;
  RETURN NULL;
END $$;
SELECT alike(pg_temp.found('SELECT * FROM sim.monte_carlo(''plant'', 20500)'), 'Cache: 3 of 3 results found%', 'a run leaves in the cache what sim.monte_carlo asks');
SELECT cmp_ok((SELECT count(*) FROM sim.stored_cache), '>=', 6::bigint, 'in the table, too');
SELECT sim.run('plant', 20500, seed => 77);
CREATE TEMP TABLE again AS SELECT sim.run('plant', 20500, seed => 77) AS run;
SELECT is((SELECT result_hash FROM sim.runs JOIN again USING (run)), sim.result_hash('plant', 20500, 77), 'a run out of the cache has the same result');

-- Percentiles.
SELECT results_eq('SELECT output, percentile, value, lower, upper FROM sim.run_percentiles((SELECT kept FROM made), ARRAY[0.9173, 0.05]) WHERE output = ''total''',
  $$SELECT 'total', p, v, v, v FROM (SELECT percentile_cont(ARRAY[0.9173, 0.05]) WITHIN GROUP (ORDER BY total) AS a FROM samples) AS s,
    unnest(ARRAY[0.9173, 0.05]::float8[], a) AS u (p, v)$$, 'from samples any percentile is exact');
SELECT results_eq('SELECT value = exact, lower = exact, upper = exact FROM sim.run_percentiles((SELECT sketched FROM made), ARRAY[0.05, 0.0005, 0.995]) AS p, LATERAL (SELECT percentile_cont(p.percentile) WITHIN GROUP (ORDER BY total) AS exact FROM other) AS e WHERE output = ''total''',
  $$VALUES (true, true, true), (true, true, true), (true, true, true)$$, 'from a sketch those of its levels are');
SELECT is(count(*) FILTER (WHERE lower <= exact AND exact <= upper AND lower <= value AND value <= upper), 997::bigint, 'and all others lie between the bounds')
  FROM (SELECT array_agg(i / 998.0::float8) AS levels FROM generate_series(1, 997) AS i) AS l,
    LATERAL sim.run_percentiles((SELECT sketched FROM made), l.levels) AS p,
    LATERAL (SELECT percentile_cont(p.percentile) WITHIN GROUP (ORDER BY total) AS exact FROM other) AS e WHERE output = 'total';
SELECT ok(upper - lower < 3, 'which are narrow') FROM sim.run_percentiles((SELECT sketched FROM made), ARRAY[0.313]) WHERE output = 'total';
SELECT throws_ok('SELECT sim.run_percentiles(kept, ARRAY[1.5]) FROM made', '22023', 'percentile 1.5 is not between 0 and 1', 'a percentile beyond 1 is refused');
SELECT throws_ok('SELECT sim.run_percentiles(sketched, ARRAY[1.5]) FROM made', '22023', 'percentile 1.5 is not between 0 and 1', 'from a sketch as well');
SELECT throws_ok('SELECT sim.run_percentiles(sketched, ARRAY[0.5, NULL]) FROM made', '22004', 'a percentile must not be null', 'and so is none');
SELECT throws_ok('SELECT sim.run_percentiles(kept, ''{NULL}'') FROM made', '22004', 'a percentile must not be null', 'with samples, too');
SELECT throws_ok('SELECT sim.run_percentiles(sketched, NULL) FROM made', '22004', 'percentiles must not be null', 'nothing asked for is refused');
SELECT throws_ok('SELECT sim.run_percentiles(sketched, ''{}'') FROM made', '22023', 'percentiles is an empty array', 'as an empty array is');
SELECT throws_ok('SELECT sim.run_percentiles(-1, ARRAY[0.5])', '42704', 'run -1 does not exist', 'a run that does not exist');
SELECT throws_ok('SELECT sim.run_percentiles(NULL, ARRAY[0.5])', '42704', 'run NULL does not exist', 'nor does NULL');

-- Histograms of any bins.
SELECT is_empty($$
  SELECT h.bin FROM sim.run_histogram((SELECT kept FROM made), 7) AS h WHERE h.output = 'total' AND (h.share <> h.share_lower OR h.share <> h.share_upper OR
    NOT pg_temp.near(20500 * h.share, (SELECT count(*) FROM samples WHERE total >= h.lower AND (total < h.upper OR h.upper = (SELECT max(total) FROM samples)))))$$,
  'from samples the shares are exact');
SELECT is(count(*) FILTER (WHERE exact BETWEEN share_lower - 1e-12 AND share_upper + 1e-12 AND share_upper - share_lower < 0.011), count(*), 'from a sketch they lie between the bounds')
  FROM sim.run_histogram((SELECT sketched FROM made), 50) AS h,
    LATERAL (SELECT count(*) / 20500::float8 AS exact FROM other WHERE total >= h.lower AND (total < h.upper OR h.upper = (SELECT max(total) FROM other))) AS e
  WHERE output = 'total';
SELECT is(round(sum(share)::numeric, 9), 1.000000000, 'and add up to 1') FROM sim.run_histogram((SELECT sketched FROM made), 13) WHERE output = 'dear';
SELECT throws_ok('SELECT sim.run_histogram(kept, 0) FROM made', '22023', NULL, 'no bins are refused');
SELECT set_eq('SELECT h.* FROM made, sim.run_histogram(kept, NULL) AS h', 'SELECT h.* FROM made, sim.run_histogram(kept) AS h', 'NULL stands for the default');

-- Exceedance.
SELECT results_eq('SELECT value, probability, lower, upper FROM sim.run_exceedance((SELECT kept FROM made), ARRAY[320, 300, 320]) WHERE output = ''total''',
  $$SELECT v::float8, p, p, p FROM (VALUES (300), (320)) AS x (v), LATERAL (SELECT count(*) / 20500::float8 FROM samples WHERE total > v) AS e (p)$$,
  'from samples the probability of exceeding is exact');
SELECT results_eq('SELECT value, probability FROM sim.run_exceedance((SELECT kept FROM made), ARRAY[0, 1]) WHERE output = ''dear''',
  $$SELECT v, CASE v WHEN 0 THEN mean ELSE 0 END FROM sim.monte_carlo('plant', 20500) AS m, unnest(ARRAY[0, 1]::float8[]) AS v WHERE output = 'dear'$$,
  'to reach a value is not to exceed it');
SELECT is(count(*) FILTER (WHERE exact BETWEEN lower AND upper AND probability BETWEEN lower AND upper AND upper - lower < 0.0055), count(*), 'from a sketch it lies between the bounds')
  FROM sim.run_exceedance((SELECT sketched FROM made), points => 200) AS c,
    LATERAL (SELECT count(*) / 20500::float8 AS exact FROM other WHERE total > c.value) AS e WHERE output = 'total';
SELECT ok(count(*) BETWEEN 20 AND 90 AND min(probability) = 0 AND max(probability) > 0.99, 'by itself at about fifty values')
  FROM sim.run_exceedance((SELECT kept FROM made)) WHERE output = 'total';

-- Correlations.
SELECT set_eq('SELECT c.* FROM made, sim.run_exceedance(kept, points => NULL) AS c', 'SELECT c.* FROM made, sim.run_exceedance(kept) AS c', 'NULL points are the default');
SELECT is_empty('SELECT FROM made, sim.run_exceedance(kept, ARRAY[]::float8[])', 'no thresholds, no rows');
SELECT throws_ok('SELECT FROM made, sim.run_exceedance(kept, points => -1)', '22023', '-1 bins or points cannot be found', 'nor are points below 1');
SELECT results_eq('SELECT output, other_output, trials FROM sim.run_correlations((SELECT kept FROM made))',
  $$VALUES ('total', 'dear', 20500::bigint), ('total', 'fuel', 20500), ('dear', 'fuel', 20500)$$, 'each two outputs');
SELECT ok(pg_temp.near(pearson, (SELECT corr(total, fuel) FROM samples)), 'Pearson''s is that of corr()')
  FROM sim.run_correlations((SELECT kept FROM made)) WHERE output = 'total' AND other_output = 'fuel';
SELECT ok(pg_temp.near(spearman, (SELECT corr(a, b) FROM (SELECT rank() OVER (ORDER BY total) + (count(*) OVER (PARTITION BY total) - 1) / 2.0 AS a,
    rank() OVER (ORDER BY dear) + (count(*) OVER (PARTITION BY dear) - 1) / 2.0 AS b FROM samples) AS r)), 'Spearman''s is that of the ranks')
  FROM sim.run_correlations((SELECT kept FROM made)) WHERE output = 'total' AND other_output = 'dear';
SELECT throws_ok('SELECT sim.run_correlations(sketched) FROM made', '55000', NULL, 'without samples there are none');

-- Time.
CREATE TEMP TABLE timed AS SELECT sim.run('path', 3000, keep_samples => true) AS run;
SELECT results_eq('SELECT output, step, mean, p95 FROM sim.results JOIN timed USING (run)', 'SELECT output, step, mean, p95 FROM sim.monte_carlo(''path'', 3000)',
  'a run over time has a row a step');
SELECT results_eq('SELECT output, year, step, median FROM timed, sim.run_yearly(timed.run)',
  $$SELECT output, step / 12, step, median FROM sim.monte_carlo('path', 3000) WHERE step % 12 = 0$$, 'once a year where a step is a month');
SELECT results_eq('SELECT year, step FROM timed, sim.run_yearly(timed.run, 18)', $$VALUES (0, 0), (1, 18), (2, 36)$$, 'or as often as asked');
SELECT throws_ok(format('SELECT sim.run_yearly(%s, %s)', timed.run, every), '22023', 'every is ' || every, 'a year has a step at least')
  FROM timed, (VALUES (0), (-3)) AS v (every);
SELECT throws_ok('SELECT sim.run_yearly(kept) FROM made', '22023', NULL, 'without a name for the steps it must be said');
SELECT results_eq('SELECT output, other_output, trials, pearson FROM timed, sim.run_correlations(timed.run)',
  $$VALUES ('level', 'final', 3000::bigint, 1::float8)$$, 'outputs with time correlate at their last step');
SELECT ok(pearson BETWEEN 0.5 AND 0.9, 'or at the step asked for') FROM timed, sim.run_correlations(timed.run, 18);
SELECT throws_ok('SELECT sim.run_correlations(timed.run, 37) FROM timed', '22023', format('run %s has no step 37', run), 'which must be there') FROM timed;
SELECT is((SELECT count(*) FROM made, sim.run_correlations(kept, 37)), 3::bigint, 'in a run with time');
SELECT results_eq('SELECT step, array_length(samples, 1) FROM sim.samples_stored JOIN timed USING (run) WHERE output = ''level'' AND step IN (0, 36) ORDER BY 1, first_trial',
  $$VALUES (0, 1000), (0, 1000), (0, 1000), (36, 1000), (36, 1000), (36, 1000)$$, 'samples of every step');

-- Failed trials.
CREATE TEMP TABLE failing AS SELECT sim.run('sometimes', 4000, keep_samples => true) AS kept, sim.run('sometimes', 4000, seed => 2) AS sketched;
SELECT results_eq('SELECT output, failed_trials, mean, median FROM sim.results, failing WHERE run = kept', 'SELECT output, failed_trials, mean, median FROM sim.monte_carlo(''sometimes'', 4000)', 'failed trials are counted');
SELECT is(value, (SELECT percentile_cont(0.3) WITHIN GROUP (ORDER BY root) FROM sim.samples('sometimes', 4000) AS s(root float8) WHERE root <> 'NaN'), 'and left out of percentiles')
  FROM failing, sim.run_percentiles(kept, ARRAY[0.3]) WHERE output = 'root';
SELECT results_eq('SELECT value, lower, upper FROM failing, sim.run_percentiles(sketched, ARRAY[0.3]) WHERE output = ''never''',
  $$VALUES (NULL::float8, NULL::float8, NULL::float8)$$, 'an output that always fails has none');
SELECT is_empty('SELECT FROM failing, sim.run_percentiles(kept, ARRAY[0.3]) WHERE output = ''never'' AND value IS NOT NULL', 'with samples neither');
SELECT is_empty('SELECT FROM failing, sim.run_histogram(sketched) WHERE output = ''never''', 'nor a histogram');
SELECT is_empty('SELECT FROM failing, sim.run_exceedance(kept) WHERE output = ''never''', 'nor a curve');
SELECT results_eq('SELECT trials, pearson IS NULL FROM failing, sim.run_correlations(kept) WHERE other_output = ''never'' AND output = ''root''', $$VALUES (0::bigint, true)$$, 'nor a correlation');

-- What bindings supplied.
CREATE TABLE prices (day integer, steel float8, iron float8);
INSERT INTO prices VALUES (2, 20, 200), (1, 10, 100);
SELECT sim.create_model('market', $$
  data history(steel, iron)
  input now = 1
  output y = now + mean(history.steel) + mean(history.iron)
$$);
SELECT sim.bind('market', 'history', 'SELECT steel, iron FROM prices ORDER BY day');
SELECT sim.bind('market', 'now', 'SELECT 7');
CREATE TEMP TABLE bound AS SELECT sim.run('market', 10) AS run;
SELECT results_eq('SELECT input, source, value, row_count FROM sim.run_inputs JOIN bound USING (run) ORDER BY input',
  $$VALUES ('history', 'binding', NULL::float8, 2::bigint), ('now', 'binding', 7, NULL)$$, 'what is bound is told with the inputs');
UPDATE prices SET steel = 99;
SELECT results_eq('SELECT name, column_name, place, value FROM bound, sim.run_data(bound.run) ORDER BY 1, 2, 3',
  $$VALUES ('history', 'iron', 1::bigint, 100::float8), ('history', 'iron', 2, 200), ('history', 'steel', 1, 10), ('history', 'steel', 2, 20), ('now', NULL, 1, 7)$$,
  'and its rows are kept as they were');
SELECT is(current, false, 'though they are others by now') FROM sim.runs JOIN bound USING (run);
SELECT is_empty('SELECT FROM made, sim.run_data(kept)', 'without bindings there are none');
SELECT sim.drop_run(run) FROM bound;

-- Comparing.
SELECT results_eq('SELECT kind, scenario, name, definition, other_definition FROM made, sim.compare_runs(kept, sketched) WHERE kind <> ''output''',
  $$SELECT 'input', 'base', 'energy', a.definition, b.definition FROM sim.effective_inputs('plant') AS a, sim.effective_inputs('plant', NULL, '{"energy": "~ normal(85, 12)"}') AS b
    WHERE a.input = 'energy' AND b.input = 'energy'$$, 'two runs differ by an input');
SELECT results_eq('SELECT name, value, other_value, difference FROM made, sim.compare_runs(kept, sketched) WHERE kind = ''output''',
  $$SELECT a.output, a.mean, b.mean, b.mean - a.mean FROM sim.monte_carlo('plant', 20500) AS a
    JOIN sim.monte_carlo('plant', 20500, overrides => '{"energy": "~ normal(85, 12)"}') AS b USING (output)$$, 'and so by their outputs');
SELECT ok(pg_temp.near(c.std_error, sqrt(a.std_error ^ 2 + b.std_error ^ 2)), 'without samples the errors add in squares')
  FROM made, sim.compare_runs(kept, sketched) AS c, sim.results AS a, sim.results AS b
  WHERE c.kind = 'output' AND c.name = 'total' AND a.run = kept AND a.output = 'total' AND b.run = sketched AND b.output = 'total';
CREATE TEMP TABLE paired AS SELECT sim.run('plant', 20500, overrides => '{"material": 110}', keep_samples => true) AS run, sim.run('plant', 1000, seed => 2) AS unlike;
SELECT ok(c.std_error < 1e-9 AND pg_temp.near(c.difference, p.difference), 'with samples and one seed the trials are paired')
  FROM made, paired, sim.compare_runs(made.kept, paired.run) AS c,
    LATERAL (SELECT avg(b.total - a.total) AS difference FROM samples AS a
      JOIN sim.samples('plant', 20500, overrides => '{"material": 110}') AS b(trial bigint, total float8) USING (trial)) AS p
  WHERE c.kind = 'output' AND c.name = 'total';
SELECT results_eq('SELECT name, definition, other_definition FROM made, paired, sim.compare_runs(kept, unlike) WHERE kind = ''option'' ORDER BY name',
  $$VALUES ('seed', '1', '2'), ('trials', '20500', '1000')$$, 'options that differ are told');
SELECT is_empty('SELECT FROM made, sim.compare_runs(kept, kept) WHERE kind <> ''output'' OR difference <> 0 OR std_error <> 0', 'a run is like itself');
SELECT results_eq('SELECT name, difference, std_error FROM made, sim.compare_runs(sketched, sketched) ORDER BY name',
  $$VALUES ('dear', 0::float8, 0::float8), ('fuel', 0, 0), ('total', 0, 0)$$, 'without samples, too');
CREATE TEMP TABLE dearer AS SELECT sim.run('plant', 20500, overrides => '{"material": 101}') AS run;
SELECT results_eq('SELECT c.name, c.difference <> 0, c.std_error > 0 FROM made, dearer, sim.compare_runs(kept, dearer.run) AS c WHERE kind = ''output'' ORDER BY 1',
  $$VALUES ('dear', true, true), ('fuel', false, false), ('total', true, true)$$, 'of two runs what nothing has changed is the same');
SELECT sim.drop_run(run) FROM dearer;
CREATE TABLE stock (part float8);
INSERT INTO stock VALUES (1), (2);
SELECT sim.create_model('store', E'data parts(part)\ninput n ~ empirical(parts.part)\noutput y = n');
SET LOCAL client_min_messages = error;
SELECT sim.bind('store', 'parts', 'SELECT part FROM stock');
RESET client_min_messages;
CREATE TEMP TABLE stored AS SELECT sim.run('store', 10) AS run;
INSERT INTO stock VALUES (3);
CREATE TEMP TABLE stored_again AS SELECT sim.run('store', 10) AS run;
SELECT results_eq($$SELECT name, definition, other_definition FROM stored, stored_again, sim.compare_runs(stored.run, stored_again.run) WHERE kind = 'input'$$,
  $$VALUES ('parts', '2 rows', '3 rows')$$, 'a block that has changed says what it had');
SELECT sim.drop_run(stored.run), sim.drop_run(stored_again.run), sim.drop_model('store') FROM stored, stored_again;
SELECT throws_ok('SELECT sim.compare_runs(kept, -1) FROM made', '42704', NULL, 'both runs must be there');

-- Finding.
SELECT results_eq('SELECT run FROM sim.search_runs(''AUTUMN'')', 'SELECT kept FROM made', 'by a part of a tag, in any case');
SELECT results_eq('SELECT run FROM sim.search_runs(''samples'', tags => ARRAY[''plan''], model => ''Plant'', since => now() - interval ''1 day'')', 'SELECT kept FROM made', 'by all that is known');
SELECT is_empty('SELECT FROM sim.search_runs(model => ''"Plant"'')', 'capitals of a quoted name stay');
SELECT is((SELECT count(*) FROM sim.search_runs(model => '"plant"')), (SELECT count(*) FROM sim.runs WHERE model = 'plant'), 'and its quotes are no part of it');
SELECT is((SELECT count(*) FROM sim.search_runs(model => 'Plant@1')), (SELECT count(*) FROM sim.runs WHERE model = 'plant'), 'by name and version');
SELECT is((SELECT count(*) FROM sim.search_runs(model => '"plant"@1')), (SELECT count(*) FROM sim.runs WHERE model = 'plant'), 'in quotes, too');
SELECT is_empty('SELECT FROM sim.search_runs(model => ''plant@2'')', 'another version is another');
SELECT is_empty('SELECT FROM sim.search_runs(tags => ARRAY[''plan'', ''none''])', 'all tags are to be there');
SELECT is_empty('SELECT FROM sim.search_runs(since => now() + interval ''1 day'')', 'by time');
SELECT is((SELECT count(*) FROM sim.search_runs()), (SELECT count(*) FROM sim.runs), 'and without a condition all');

-- Files and pages.
SELECT results_eq('SELECT split_part(line, '','', 5), count(*) FROM made, sim.export_run(kept) AS line GROUP BY 1 ORDER BY 1',
  $$VALUES ('dear', 1::bigint), ('fuel', 1), ('output', 1), ('total', 1)$$, 'csv has a head and a line a number');
SELECT is((SELECT split_part(line, ',', 10)::float8 FROM made, sim.export_run(kept) AS line WHERE line LIKE '%,total,%'), (SELECT mean FROM sim.results, made WHERE run = kept AND output = 'total'), 'numbers come back as they were');
SELECT results_eq('SELECT line::json ->> ''output'', (line::json ->> ''p95'')::float8 FROM made, sim.export_run(kept, ''json'') AS line', 'SELECT output, p95 FROM sim.results, made WHERE run = kept', 'json has an object a line');
SELECT throws_ok('SELECT sim.export_run(kept, ''xlsx'') FROM made', '22023', NULL, 'other formats there are not');
SELECT is(s -> 'current', 'true'::jsonb, 'a summary says whether it is current') FROM made, sim.summary(kept) AS s;
SELECT results_eq('SELECT o ->> ''output'', (o #>> ''{statistics,mean}'')::float8, jsonb_array_length(o #> ''{histogram,counts}'') > 1 FROM made, sim.summary(kept) AS s, jsonb_array_elements(s -> ''outputs'') AS o',
  'SELECT output, mean, true FROM sim.results, made WHERE run = kept', 'and has statistics and a histogram of each output');
SELECT results_eq('SELECT o ->> ''output'', jsonb_path_query_array(o, ''$.fan[*].step'') FROM timed, sim.summary(timed.run) AS s, jsonb_array_elements(s -> ''outputs'') AS o',
  $$VALUES ('level', '[0, 12, 24, 36]'::jsonb), ('final', '[]')$$, 'and a fan over the years');

-- Whether it is current.
SELECT sim.create_scenario('plant', 'poor', '{"material": 60}', replace => true);
CREATE TEMP TABLE scenarios AS SELECT sim.run('plant', 100, scenarios => ARRAY['*']) AS all_of_them, sim.run('plant', 100, scenarios => ARRAY['poor']) AS poor, sim.run('plant@1', 100) AS pinned;
SELECT is((SELECT bool_and(current) FROM sim.runs), true, 'a scenario that no run read changes nothing');
SELECT sim.create_scenario('plant', 'poor', '{"material": 70}', replace => true);
SELECT results_eq('SELECT DISTINCT run FROM sim.results WHERE NOT current ORDER BY run', 'SELECT unnest(ARRAY[all_of_them, poor]) FROM scenarios', 'one that runs read makes these stale');
SELECT sim.drop_scenario('plant', 'poor');
SELECT results_eq('SELECT run, current FROM sim.runs, scenarios WHERE run >= all_of_them ORDER BY run', 'SELECT unnest(ARRAY[all_of_them, poor, pinned]), unnest(ARRAY[false, false, true]) FROM scenarios',
  'one that is gone, too');
SELECT sim.create_model('plant', replace(source, 'input idle      = 1', '-- nothing is idle'), replace => true) FROM sim.models WHERE name = 'plant';
SELECT sim.create_scenario('plant', 'poor', '{"material": 40}', replace => true);
SELECT results_eq('SELECT scenario, output, current FROM sim.results, scenarios WHERE run = all_of_them AND scenario IN (''base'', ''poor'') ORDER BY 1, 2',
  $$VALUES ('base', 'dear', true), ('base', 'fuel', true), ('base', 'total', true), ('poor', 'dear', false), ('poor', 'fuel', true), ('poor', 'total', false)$$,
  'and of their results those that read it');
SELECT is(current, true, 'what no output reads makes nothing stale') FROM sim.runs, made WHERE run = kept;
SELECT sim.create_model('plant', replace(source, '0.8 *', '0.9 *'), replace => true) FROM sim.models WHERE name = 'plant';
SELECT results_eq('SELECT run, current FROM sim.runs, made, scenarios WHERE run IN (kept, sketched, pinned) ORDER BY run', 'SELECT unnest(ARRAY[kept, sketched, pinned]), unnest(ARRAY[false, false, true]) FROM made, scenarios',
  'a formula that is another does, but for a run of a version by its number');
SELECT sim.rename_model('plant', 'works');
SELECT is((SELECT model FROM sim.runs, made WHERE run = kept), 'works', 'a run follows its model''s name');
SELECT sim.drop_model('works');
SELECT results_eq('SELECT model, version, current FROM sim.runs, made WHERE run = kept', $$VALUES ('works', 1, NULL::boolean)$$, 'and outlives it');
SELECT sim.create_model('"Other Plant"', 'output x = 1');
CREATE TEMP TABLE quoted AS SELECT sim.run('"Other Plant"', 10) AS named, sim.run('"Other Plant"@1', 10) AS pinned;
SELECT results_eq('SELECT r.current FROM sim.runs AS r, quoted WHERE r.run IN (named, pinned)', ARRAY[true, true], 'also for a name that is written in quotes');
SELECT sim.drop_run(named), sim.drop_run(pinned) FROM quoted;
SELECT is((SELECT count(*) FROM made, sim.run_percentiles(kept, ARRAY[0.4])), 3::bigint, 'with its numbers');

-- Deleting.
SELECT lives_ok('SELECT sim.drop_run(kept) FROM made', 'a run can be deleted');
SELECT is((SELECT sum(n) FROM made, LATERAL (SELECT count(*) FROM sim.stored_samples WHERE run_id = kept UNION ALL SELECT count(*) FROM sim.stored_results WHERE run_id = kept
  UNION ALL SELECT count(*) FROM sim.stored_histograms WHERE run_id = kept UNION ALL SELECT count(*) FROM sim.stored_run_inputs WHERE run_id = kept
  UNION ALL SELECT count(*) FROM sim.stored_run_keys WHERE run_id = kept) AS c (n)), 0::numeric, 'and all of it is gone');
SELECT throws_ok('SELECT sim.drop_run(kept) FROM made', '42704', NULL, 'once');
SELECT lives_ok('SELECT sim.drop_run(kept, if_exists => true) FROM made', 'but if it exists');
SELECT is(sim.prune(keep => '1 day'), 0::bigint, 'young runs stay');
SELECT is(sim.prune(keep_last => 1), 8::bigint, 'all but the last of each model go');
SELECT throws_ok('SELECT sim.prune()', '22023', NULL, 'what to keep must be said');
SELECT throws_ok('SELECT sim.prune(keep => ''-1 day'')', '22023', 'keep is -1 days, which would delete all there is',
  'a time to come would keep nothing');
SELECT throws_ok('SELECT sim.prune(keep => ''1 month -32 days'')', '22023', NULL, 'however it is written');
SELECT is(sim.live_objects(), 0::bigint, 'nothing of the engine stays');

SELECT finish();
ROLLBACK;
