-- 42_monte_carlo.sql -- statistics, percentiles, comparisons: against SQL's own aggregates over the same samples.
BEGIN;
SELECT plan(70);
SET LOCAL sim.cache = off;  -- every call computes

SELECT sim.create_model('plant', $$
  input material  = 100
  input energy    ~ normal(80, 12)
  input transport ~ triangular(20, 25, 40)
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 0.8 * material + co2
  output total = material + energy + transport + disposal   unit 'EUR/t'
  output dear  = total > 320
$$);
SELECT sim.create_model('path', $$
  steps 6 month
  input change[t] ~ normal(0.01, 0.05)
  level[0] = 100
  level[t] = level[t-1] * (1 + change[t])
  output level[t] every 3
  output final = level[last]
$$);
SELECT sim.create_model('sometimes', $$
  input x ~ uniform(-1, 1)
  output root = sqrt(x)
  output never = sqrt(-1 - x * x)
  output twice = 2 * x
$$);
SELECT sim.create_model('certain', 'output x = 2');
SELECT sim.create_model('bell', $$
  input x ~ normal(0, 1)
  output y = x
$$);
SELECT sim.create_scenario('plant', 'poor', '{"material": 50}');
SELECT sim.create_scenario('plant', 'wild', '{"energy": "~ normal(80, 24)"}');

CREATE TEMP TABLE samples AS SELECT * FROM sim.samples('plant', 20000) AS s(trial bigint, total float8, dear float8);
CREATE TEMP TABLE result AS SELECT * FROM sim.monte_carlo('plant', 20000);
CREATE FUNCTION pg_temp.near(a float8, b float8) RETURNS boolean LANGUAGE sql AS
  'SELECT abs(a - b) <= 1e-9 * greatest(abs(a), abs(b), 1)';

-- Rows.
SELECT columns_are('result', ARRAY['scenario', 'output', 'step', 'trials', 'failed_trials', 'mean', 'std_error', 'stddev', 'skewness',
  'kurtosis', 'min', 'p05', 'p25', 'median', 'p75', 'p95', 'max'], 'the columns of sim.monte_carlo');
SELECT results_eq('SELECT scenario, output, step, trials, failed_trials FROM result',
  $$VALUES ('base', 'total', NULL::int, 20000::bigint, 0::bigint), ('base', 'dear', NULL, 20000, 0)$$, 'a row an output, in their order');
SELECT results_eq('SELECT output, step FROM sim.monte_carlo(''path'', 100)',
  $$VALUES ('level', 0), ('level', 3), ('level', 6), ('final', NULL)$$, 'with time a row a reported step');
SELECT is((SELECT trials FROM sim.monte_carlo('certain')), 10000::bigint, 'trials default to 10,000');
SELECT results_eq('SELECT scenario FROM sim.monte_carlo(''plant'', 100, scenarios => ARRAY[''*'']) WHERE output = ''total''',
  $$VALUES ('base'), ('poor'), ('wild')$$, 'all scenarios');
SELECT results_eq('SELECT scenario FROM sim.monte_carlo(''plant'', 100, scenarios => ARRAY[''wild'', ''base'']) WHERE output = ''total''',
  $$VALUES ('wild'), ('base')$$, 'scenarios in the order asked for');

-- Numbers.
SELECT ok(pg_temp.near(r.mean, s.mean), 'the mean') FROM result AS r, (SELECT avg(total) AS mean FROM samples) AS s WHERE output = 'total';
SELECT ok(pg_temp.near(r.stddev, s.sd), 'the standard deviation') FROM result AS r, (SELECT stddev(total) AS sd FROM samples) AS s WHERE output = 'total';
SELECT ok(pg_temp.near(std_error, stddev / sqrt(20000)), 'the standard error') FROM result WHERE output = 'total';
SELECT is(r.min, s.min, 'the smallest') FROM result AS r, (SELECT min(total) FROM samples) AS s WHERE output = 'total';
SELECT is(r.max, s.max, 'the largest') FROM result AS r, (SELECT max(total) FROM samples) AS s WHERE output = 'total';
SELECT is(ARRAY[p05, p25, median, p75, p95], (SELECT percentile_cont(ARRAY[0.05, 0.25, 0.5, 0.75, 0.95]) WITHIN GROUP (ORDER BY total) FROM samples),
  'percentiles are those of percentile_cont, bit for bit') FROM result WHERE output = 'total';
SELECT ok(pg_temp.near(r.skewness, s.g1), 'the skewness')
  FROM result AS r, (SELECT sqrt(n * (n - 1)) / (n - 2) * m3 / power(m2, 1.5) AS g1 FROM
    (SELECT count(*)::float8 AS n, avg((total - m)^2) AS m2, avg((total - m)^3) AS m3 FROM samples, (SELECT avg(total) AS m FROM samples) AS c) AS p) AS s
  WHERE output = 'total';
SELECT ok(pg_temp.near(r.kurtosis, s.g2), 'the excess kurtosis')
  FROM result AS r, (SELECT (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * (m4 / m2 ^ 2 - 3) + 6) AS g2 FROM
    (SELECT count(*)::float8 AS n, avg((total - m)^2) AS m2, avg((total - m)^4) AS m4 FROM samples, (SELECT avg(total) AS m FROM samples) AS c) AS p) AS s
  WHERE output = 'total';
SELECT ok(pg_temp.near(r.mean, s.share), 'the mean of a condition is its share') FROM result AS r, (SELECT avg(dear) AS share FROM samples) AS s WHERE output = 'dear';
SELECT ok(abs(mean - (100 + 80 + 85.0 / 3 + 80 + (8 + 4) / 0.95)) < 4 * std_error, 'the mean is what the model says') FROM result WHERE output = 'total';

-- Failed trials.
SELECT is(failed_trials, (SELECT count(*) FROM sim.samples('sometimes', 5000) AS s(root float8) WHERE root = 'NaN'), 'failed trials are counted')
  FROM sim.monte_carlo('sometimes', 5000) WHERE output = 'root';
SELECT ok(pg_temp.near(mean, (SELECT avg(root) FROM sim.samples('sometimes', 5000) AS s(root float8) WHERE root <> 'NaN')), 'and left out of the mean')
  FROM sim.monte_carlo('sometimes', 5000) WHERE output = 'root';
SELECT is(median, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY root) FROM sim.samples('sometimes', 5000) AS s(root float8) WHERE root <> 'NaN'),
  'and of percentiles') FROM sim.monte_carlo('sometimes', 5000) WHERE output = 'root';
SELECT is(failed_trials, 0::bigint, 'an output that does not fail is not counted') FROM sim.monte_carlo('sometimes', 5000) WHERE output = 'twice';
SELECT results_eq('SELECT trials, failed_trials, mean, std_error, min, median, max FROM sim.monte_carlo(''sometimes'', 5000) WHERE output = ''never''',
  $$VALUES (5000::bigint, 5000::bigint, NULL::float8, NULL::float8, NULL::float8, NULL::float8, NULL::float8)$$, 'where every trial fails there are no statistics');
SELECT results_eq('SELECT mean, std_error, stddev, skewness, kurtosis, min, p05, median, max FROM sim.monte_carlo(''certain'', 100)',
  $$VALUES (2::float8, 0::float8, 0::float8, NULL::float8, NULL::float8, 2::float8, 2::float8, 2::float8, 2::float8)$$, 'a constant has no spread and no shape');
SELECT results_eq('SELECT mean, std_error, stddev FROM sim.monte_carlo(''certain'', 1)', $$VALUES (2::float8, NULL::float8, NULL::float8)$$,
  'one trial has no standard deviation');

-- The same bits, whatever the road.
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 20000, 1, NULL, ''{}'')', 'SELECT * FROM result', 'the same call, the same bits');
SELECT is((sim.monte_carlo('plant', 20000)).mean, mean, 'in a target list') FROM result WHERE output = 'total' LIMIT 1;
SET LOCAL sim.exact_percentile_memory = '64kB';
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 20000)', 'SELECT * FROM result', 'percentiles in bounded memory are the same');
SELECT results_eq('SELECT median FROM sim.monte_carlo(''plant'', 20000, scenarios => ARRAY[''*'']) WHERE scenario = ''base''', 'SELECT median FROM result',
  'with several scenarios, too');
RESET sim.exact_percentile_memory;
SELECT results_eq(
  'SELECT mean, median FROM sim.monte_carlo(''plant'', 20000, scenarios => ARRAY[''poor'', ''base'']) WHERE scenario = ''base''',
  'SELECT mean, median FROM result', 'scenarios do not touch each other');
SELECT results_eq('SELECT mean FROM sim.monte_carlo(''plant'', 1000, scenarios => ARRAY[''poor''])',
  'SELECT mean FROM sim.monte_carlo(''plant'', 1000, overrides => ''{"material": 50}'')', 'a scenario is its overrides');
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial AS SELECT * FROM sim.monte_carlo('plant', 3000000);
SET LOCAL max_parallel_workers_per_gather = 3;
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 3000000)', 'SELECT * FROM serial', 'workers change no bit');
SET LOCAL parallel_leader_participation = off;
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 3000000)', 'SELECT * FROM serial', 'nor does a leader that stands aside');
RESET parallel_leader_participation;
SET LOCAL sim.batch_lanes = 128;
SET LOCAL sim.chunk_leaves = 1;
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 3000000)', 'SELECT * FROM serial', 'nor do chunks and batches of other sizes');
RESET sim.batch_lanes;
RESET sim.chunk_leaves;
SET LOCAL sim.optimise = off;
SELECT results_eq('SELECT * FROM sim.monte_carlo(''plant'', 3000000)', 'SELECT * FROM serial', 'nor does a program that is not optimised, with workers');
CREATE TEMP TABLE unoptimised AS SELECT sim.result_hash('plant', 20000, scenarios => ARRAY['*']) AS hash;
RESET sim.optimise;
SELECT is(sim.result_hash('plant', 20000, scenarios => ARRAY['*']), hash, 'the hash is the same with and without optimisation') FROM unoptimised;

-- Hash.
SELECT matches(sim.result_hash('plant', 1000), '^[0-9a-f]{64}$', 'a hash is 64 hexadecimal digits');
SELECT is(sim.result_hash('plant', 1000), sim.result_hash('plant@1', 1000, 1, ARRAY['base'], NULL), 'equal results have equal hashes');
SELECT isnt(sim.result_hash('plant', 1000), sim.result_hash('plant', 1001), 'another trial, another hash');
SELECT isnt(sim.result_hash('plant', 1000), sim.result_hash('plant', 1000, 2), 'another seed, another hash');
SELECT isnt(sim.result_hash('plant', 1000), sim.result_hash('plant', 1000, scenarios => ARRAY['poor']), 'another scenario, another hash');

-- Percentiles.
SELECT results_eq('SELECT scenario, output, percentile, value FROM sim.percentiles(''plant'', ARRAY[0.99, 0, 0.123, 1], 20000) WHERE output = ''total''',
  'SELECT ''base'', ''total'', p, percentile_cont(p) WITHIN GROUP (ORDER BY total) FROM samples, unnest(ARRAY[0.99, 0, 0.123, 1]::float8[]) WITH ORDINALITY AS t(p, n) GROUP BY p, n ORDER BY n',
  'percentiles are those of percentile_cont, in the order asked for');
SELECT ok(bool_and(lower < value AND value < upper), 'the interval holds the percentile')
  FROM sim.percentiles('plant', ARRAY[0.05, 0.5, 0.95], 20000) WHERE output = 'total';
SELECT results_eq('SELECT lower, upper FROM sim.percentiles(''plant'', ARRAY[0.5], 5) WHERE output = ''total''', 'VALUES (NULL::float8, NULL::float8)',
  'so few trials allow no interval');
SELECT ok(count(*) FILTER (WHERE lower <= 0 AND upper >= 0) BETWEEN 180 AND 199, 'the interval holds the distribution''s own median 95 times in 100, about')
  FROM generate_series(1, 200) AS t(seed), LATERAL sim.percentiles('bell', ARRAY[0.5], 200, t.seed) AS p;
SET LOCAL sim.exact_percentile_memory = '64kB';
CREATE TEMP TABLE bounded AS SELECT * FROM sim.percentiles('plant', ARRAY[0.05, 0.5, 0.999], 100000);
RESET sim.exact_percentile_memory;
SELECT results_eq('SELECT * FROM sim.percentiles(''plant'', ARRAY[0.05, 0.5, 0.999], 100000)', 'SELECT * FROM bounded', 'values and intervals are the same in bounded memory');

-- Comparisons.
SELECT results_eq('SELECT scenario, variable, step FROM sim.compare(''plant'', ARRAY[''poor'', ''wild''])',
  $$SELECT s, v, NULL::int FROM unnest(ARRAY['poor', 'wild']) AS s, unnest(ARRAY['co2', 'disposal', 'total', 'dear']) WITH ORDINALITY AS t(v, n) ORDER BY s, n$$,
  'without trials, every formula is compared');
SELECT results_eq('SELECT round(value::numeric, 6), round(baseline::numeric, 6), round(difference::numeric, 6), round(relative_difference::numeric, 6), std_error
    FROM sim.compare(''plant'', ARRAY[''poor'']) WHERE variable = ''disposal''',
  $$VALUES (round(40 + (8 + 0.05 * 40) / 0.95, 6), round(80 + (8 + 0.05 * 80) / 0.95, 6), round(-40 - 0.05 * 40 / 0.95, 6),
    round((-40 - 0.05 * 40 / 0.95) / (80 + (8 + 0.05 * 80) / 0.95), 6), NULL::float8)$$, 'converged values and their differences');
SELECT is_empty('SELECT * FROM sim.compare(''plant'', ARRAY[''base''])', 'the baseline is not compared with itself');
SELECT results_eq('SELECT DISTINCT scenario FROM sim.compare(''plant'', ARRAY[''*'']) ORDER BY 1', $$VALUES ('poor'), ('wild')$$, 'all scenarios');
SELECT results_eq('SELECT DISTINCT scenario FROM sim.compare(''plant'', ARRAY[''*''], baseline => ''poor'') ORDER BY 1', $$VALUES ('base'), ('wild')$$,
  'another baseline');
SELECT results_eq('SELECT variable FROM sim.compare(''plant'', ARRAY[''poor''], trials => 100)', $$VALUES ('total'), ('dear')$$, 'with trials, outputs are compared');

CREATE TEMP TABLE pairs AS
  SELECT w.total AS value, b.total AS baseline
  FROM sim.samples('plant', 20000, scenario => 'wild') AS w(trial bigint, total float8) JOIN samples AS b USING (trial);
SELECT ok(pg_temp.near(c.value, p.value) AND pg_temp.near(c.baseline, p.baseline) AND pg_temp.near(c.difference, p.value - p.baseline)
    AND abs(c.relative_difference - c.difference / abs(c.baseline)) < 1e-15, 'means and their difference')
  FROM sim.compare('plant', ARRAY['wild'], trials => 20000) AS c, (SELECT avg(value) AS value, avg(baseline) AS baseline FROM pairs) AS p WHERE variable = 'total';
SELECT ok(pg_temp.near(c.std_error, p.error), 'the standard error is that of the paired difference')
  FROM sim.compare('plant', ARRAY['wild'], trials => 20000) AS c, (SELECT stddev(value - baseline) / sqrt(20000) AS error FROM pairs) AS p WHERE variable = 'total';
SELECT ok(std_error < 1e-9, 'a constant difference is known exactly') FROM sim.compare('plant', ARRAY['poor'], trials => 20000) WHERE variable = 'total';
SELECT ok(pg_temp.near(c.difference, p.difference), 'the difference of standard deviations')
  FROM sim.compare('plant', ARRAY['wild'], trials => 20000, statistic => 'stddev') AS c, (SELECT stddev(value) - stddev(baseline) AS difference FROM pairs) AS p WHERE variable = 'total';
SELECT is(c.value, p.value, 'a percentile')
  FROM sim.compare('plant', ARRAY['wild'], trials => 20000, statistic => 'p95') AS c, (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY value) AS value FROM pairs) AS p
  WHERE variable = 'total';
SELECT is(std_error, NULL, 'the largest value has no standard error')
  FROM sim.compare('plant', ARRAY['wild'], trials => 1000, statistic => 'max') WHERE variable = 'total';
SELECT results_eq('SELECT difference FROM sim.compare(''sometimes'', ARRAY[''base''], trials => 100)', 'SELECT 1::float8 WHERE false', 'a model without scenarios has nothing to compare');
-- The error that compare states is the spread that seeds show.
SELECT ok(abs(ln(avg(std_error) / stddev(difference))) < 0.3, 'the error of a standard deviation''s difference is the spread over seeds')
  FROM generate_series(1, 60) AS t(seed), LATERAL sim.compare('plant', ARRAY['wild'], trials => 2000, seed => t.seed, statistic => 'stddev') AS c WHERE variable = 'total';
SELECT ok(abs(ln(avg(std_error) / stddev(difference))) < 0.3, 'so is that of a percentile''s difference')
  FROM generate_series(1, 60) AS t(seed), LATERAL sim.compare('plant', ARRAY['wild'], trials => 2000, seed => t.seed, statistic => 'p95') AS c WHERE variable = 'total';
SET LOCAL max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial_compare AS SELECT * FROM sim.compare('plant', ARRAY['*'], trials => 1000000, statistic => 'p95');
SET LOCAL max_parallel_workers_per_gather = 2;
SELECT results_eq('SELECT * FROM sim.compare(''plant'', ARRAY[''*''], trials => 1000000, statistic => ''p95'')', 'SELECT * FROM serial_compare', 'workers change no bit of a comparison');

-- Report.
SELECT matches((SELECT r FROM sim.report('plant', 1000) AS r LIMIT 1), '^plant, version 1 · 1,000 trials, seed 1 · 0 failed · [0-9.]+ ms$', 'a report begins with what ran');
SELECT matches((SELECT r FROM sim.report('plant', 1000) AS r OFFSET 1 LIMIT 1), '^ total \[EUR/t\]   mean 3[0-9.]+ ± [0-9.]+   sd [0-9.]+$', 'then an output''s statistics');
SELECT ok((SELECT bool_or(r ~ '▏█+') FROM sim.report('plant', 1000) AS r), 'and its histogram');
SELECT ok((SELECT bool_or(r ~ '^ dear   true in [0-9.]+ % ± [0-9.]+ %$') FROM sim.report('plant', 1000) AS r), 'a condition is told as a share');
SELECT ok((SELECT bool_or(r ~ '^ never   failed in every trial$') FROM sim.report('sometimes', 100) AS r), 'an output that always fails is told');
SELECT ok((SELECT bool_or(r ~ '^ +step +mean +p05 +median +p95 +failed$') FROM sim.report('path', 100) AS r), 'an output with time is a table');
SELECT matches((SELECT r FROM sim.report('plant', 1000, 7, 'poor') AS r LIMIT 1), '^plant, version 1, scenario poor · 1,000 trials, seed 7 · ', 'scenario and seed are named');
SET LOCAL sim.exact_percentile_memory = '64kB';
SELECT ok((SELECT bool_or(r ~ '▏█+') FROM sim.report('plant', 100000) AS r), 'a histogram in bounded memory');
RESET sim.exact_percentile_memory;

-- Explanation.
SELECT ok((SELECT bool_or(what = 'per trial' AND how ~ 'co2, disposal.*solved directly') FROM sim.explain_model('plant', 1000000)), 'loops are named');
SELECT ok((SELECT bool_or(what = 'work' AND how ~ '1000000 trials') FROM sim.explain_model('plant', 1000000)), 'work is told');

SELECT * FROM finish();
ROLLBACK;
