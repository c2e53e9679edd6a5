-- demo.sql -- the demo: psql -X -q -v data=examples/data -f examples/demo.sql, in a database of its own
--
-- Every answer is computed once: EXPLAIN ANALYZE stores it in table answer and tells time and workers, then it is shown.

\set ON_ERROR_STOP on
\pset footer off
\pset pager off
\pset null ''
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pg_simulate;

-- Runs a query into table answer; gives how long it took and who did the work.
CREATE FUNCTION pg_temp.ask(query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  plan jsonb;
  milliseconds float8;
  workers integer;
BEGIN
  DROP TABLE IF EXISTS answer;
  EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT json) CREATE TEMPORARY TABLE answer AS ' || query INTO plan;
  milliseconds := (plan #>> '{0,Planning Time}')::float8 + (plan #>> '{0,Execution Time}')::float8;
  SELECT COALESCE(max(launched::integer), 0) INTO workers
  FROM jsonb_path_query(plan, 'strict $.**."Workers Launched"') AS launched;
  RETURN format(
    '   %s, %s',
    CASE WHEN milliseconds < 1000 THEN round(milliseconds) || ' ms' ELSE round(milliseconds::numeric / 1000, 1) || ' s' END,
    CASE workers WHEN 0 THEN 'no workers: one process' WHEN 1 THEN '1 parallel worker' ELSE workers || ' parallel workers' END);
END $$;

-- Money in thousands, and shares in percent.
CREATE FUNCTION pg_temp.thousands(money float8) RETURNS text
LANGUAGE sql AS $$ SELECT to_char(money / 1000, '999,990') $$;
CREATE FUNCTION pg_temp.percent(share float8) RETURNS text
LANGUAGE sql AS $$ SELECT to_char(100 * share, '990.0 %') $$;

\o /dev/null
\ir models.sql
\o

\echo 'pg_simulate: a model is a text, PostgreSQL computes it.'
\echo
\echo 'A retirement plan: 1,000,000 saved, 60 % in stocks and 40 % in bonds. 40,000 a year (4 %) is spent,'
\echo 'raised with inflation. US market data, every month from February 1871 to June 2023.'
\echo 'The model is examples/retirement.sim, 15 lines. Tables show thousands, in money of the first month.'
\echo
\echo '1. Would 4 % a year have lasted, begun in any month of the past?'
\echo
SELECT pg_temp.ask($$
  SELECT 30 AS years, trial, success, real_end_wealth
  FROM sim.samples('history_30') AS s(trial bigint, success float8, real_end_wealth float8)
  UNION ALL
  SELECT 40, trial, success, real_end_wealth
  FROM sim.samples('history_40') AS s(trial bigint, success float8, real_end_wealth float8)
$$) AS effort \gset
SELECT
  years,
  count(*) AS "start months",
  sum(success) AS "lasted",
  pg_temp.percent(avg(success)) AS "share lasted",
  pg_temp.thousands(percentile_cont(0.5) WITHIN GROUP (ORDER BY real_end_wealth)) AS "median left"
FROM answer
GROUP BY years
ORDER BY years;
\echo :effort
\echo
\echo '   The three worst and the three best months to begin 40 years:'
\echo
SELECT pg_temp.ask($$
  SELECT m.month, s.years_lasted, s.real_end_wealth
  FROM sim.samples('history_40') AS s(trial bigint, years_lasted float8, real_end_wealth float8)
  JOIN (SELECT row_number() OVER (ORDER BY month) AS trial, month FROM market) AS m USING (trial)
$$) AS effort \gset
WITH ranked AS (
  SELECT
    *,
    row_number() OVER (ORDER BY real_end_wealth, years_lasted, month) AS worst,
    row_number() OVER (ORDER BY real_end_wealth DESC, month) AS best
  FROM answer)
SELECT
  to_char(month, 'Mon YYYY') AS "begun",
  round(years_lasted::numeric, 1) AS "years it lasted",
  pg_temp.thousands(real_end_wealth) AS "left"
FROM ranked
WHERE worst <= 3 OR best <= 3
ORDER BY worst;
\echo :effort
\echo
\echo '2. And if the future only resembles the past? 100,000 futures of 40 years, put together from past stretches'
\echo '   of 12 months drawn at random. (± is the standard error: how far chance may have moved a number.)'
\echo
SELECT pg_temp.ask($$
  SELECT * FROM sim.monte_carlo('retirement_40', trials => 100000)
$$) AS effort \gset
SELECT
  to_char(100 * mean, 'FM990.0') || ' ± ' || to_char(100 * std_error, 'FM990.0') || ' %' AS "money lasts",
  failed_trials AS "failed trials"
FROM answer
WHERE output = 'success';
\echo '   What is left. p05: one future in twenty is worse; p95: one in twenty is better.'
\echo
SELECT
  step / 12 AS "after years",
  pg_temp.thousands(p05) AS "p05",
  pg_temp.thousands(p25) AS "p25",
  pg_temp.thousands(median) AS "median",
  pg_temp.thousands(p75) AS "p75",
  pg_temp.thousands(p95) AS "p95"
FROM answer
WHERE output = 'real_wealth' AND step > 0 AND step % 60 = 0
ORDER BY step;
\echo :effort
\echo
\echo '   The same at the end, as sim.report draws it:'
\echo
\pset tuples_only on
SELECT line
FROM (
  SELECT line, number, bool_or(line LIKE ' real_end_wealth%') OVER (ORDER BY number) AS is_end
  FROM sim.report('retirement_40', trials => 100000) WITH ORDINALITY AS report(line, number)
) AS lines
WHERE number = 1 OR is_end
ORDER BY number;
\pset tuples_only off
\echo '3. What would change the odds? Three other plans against this one, on the same 100,000 futures.'
\echo
SELECT pg_temp.ask($$
  SELECT *
  FROM sim.compare('retirement_40', ARRAY['bonds', 'stocks', 'frugal'], trials => 100000)
  WHERE variable = 'success'
$$) AS effort \gset
SELECT
  CASE scenario
    WHEN 'bonds' THEN '30 % stocks'
    WHEN 'stocks' THEN '90 % stocks'
    ELSE 'spend 30,000 a year'
  END AS "other plan",
  pg_temp.percent(value) AS "money lasts",
  pg_temp.percent(baseline) AS "this plan",
  lpad(to_char(round(100 * difference::numeric, 1), 'FMSG990.0'), 5) || ' ± ' || to_char(100 * std_error, 'FM990.0') AS "difference, points"
FROM answer;
\echo :effort
\echo
\echo 'A plant cost model: disposal needs co2 and co2 needs disposal; logistics needs eco fees, which need logistics.'
\echo 'The model is examples/plant_cost.sim, 8 lines. Costs are in EUR a tonne.'
\echo
\echo '4. What does a tonne cost, when energy costs 120?'
\echo
SELECT pg_temp.ask($$
  SELECT * FROM sim.converge('plant_cost', overrides => '{"energy": 120}')
$$) AS effort \gset
SELECT variable, to_char(value, '990.000') AS "EUR/t" FROM answer;
\echo :effort
\echo
\echo '   And in 1,000 scenarios, of ten prices each of material, energy and transport? All in one call:'
\echo
\o /dev/null
SELECT sim.create_scenario(
  'plant_cost',
  format('material %s, energy %s, transport %s', material, energy, transport),
  jsonb_build_object('material', material, 'energy', energy, 'transport', transport))
FROM generate_series(80, 125, 5) AS material,
  generate_series(60, 150, 10) AS energy,
  generate_series(20, 38, 2) AS transport;
\o
SELECT pg_temp.ask($$
  SELECT scenario, value AS total
  FROM sim.converge('plant_cost', ARRAY(SELECT scenario FROM sim.scenarios WHERE model = 'plant_cost'))
  WHERE variable = 'total'
$$) AS effort \gset
SELECT
  (s.overrides ->> 'material')::integer AS material,
  count(*) AS "scenarios",
  to_char(min(total), '990.00') AS "cheapest",
  to_char(avg(total), '990.00') AS "average",
  to_char(max(total), '990.00') AS "dearest"
FROM answer AS a
JOIN sim.scenarios AS s ON s.model = 'plant_cost' AND s.scenario = a.scenario
GROUP BY material
HAVING (s.overrides ->> 'material')::integer IN (80, 100, 120)
ORDER BY material;
\echo :effort
\echo
\echo '   And when energy and transport are uncertain? 1,000,000 trials:'
\echo
SELECT pg_temp.ask($$
  SELECT * FROM sim.monte_carlo('plant_cost', trials => 1000000)
$$) AS effort \gset
SELECT
  output,
  to_char(mean, '990.00') || ' ± ' || to_char(std_error, 'FM990.00') AS "mean",
  to_char(p05, '990.00') AS "p05",
  to_char(median, '990.00') AS "median",
  to_char(p95, '990.00') AS "p95"
FROM answer;
\echo :effort
\echo
\echo '5. And when the price of the material stands in a table? The model follows it, and what was computed from it says so.'
\echo
\o /dev/null
CREATE TABLE prices (item text PRIMARY KEY, price numeric NOT NULL, note text);
INSERT INTO prices VALUES ('material', 100), ('copper', 8500);
SELECT sim.bind('plant_cost', 'material', $$SELECT price FROM prices WHERE item = 'material'$$);
SELECT sim.create_result_view('cost_today', 'plant_cost', trials => 1000000);
SELECT sim.run('plant_cost', trials => 1000000, name => 'in spring');
\o
\echo '   UPDATE prices SET note = ''checked'';      -- which no model reads'
\echo
UPDATE prices SET note = 'checked';
SELECT name AS "result view", state, reason FROM sim.result_views;
\echo '   UPDATE prices SET price = 112 WHERE item = ''material'';'
\echo
UPDATE prices SET price = 112 WHERE item = 'material';
SELECT name AS "result view", state, reason FROM sim.result_views;
\echo '   What is stale is computed again by a job, at the end of the writer''s transaction, or when somebody reads:'
\echo
SELECT pg_temp.ask($$
  SELECT * FROM sim.read(NULL::cost_today)
$$) AS effort \gset
SELECT output, to_char(mean, '990.00') AS "mean", to_char(p95, '990.00') AS "p95", state FROM answer;
\echo :effort
\echo
\echo '   Stored runs know what they were computed from, too, and can be compared:'
\echo
\o /dev/null
SELECT sim.run('plant_cost', trials => 1000000, name => 'in autumn');
\o
SELECT run, name, CASE WHEN current THEN 'current' ELSE 'stale' END AS state FROM sim.runs ORDER BY run;
SELECT
  kind,
  name,
  to_char(value, '990.00') AS "in spring",
  to_char(other_value, '990.00') AS "in autumn",
  to_char(difference, 'S990.00') AS "difference"
FROM sim.compare_runs(
  (SELECT run FROM sim.runs WHERE name = 'in spring'),
  (SELECT run FROM sim.runs WHERE name = 'in autumn'));
