-- smoke.sql -- a walk through the module under AddressSanitizer and UBSan: workers, errors, cancel.
--
-- Right answers are other tests' business. Here memory is: a finding ends the server process, and with it
-- this file. No transaction around it: what a cancelled call leaves is freed when its transaction ends.
SELECT plan(12);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;

CREATE TABLE months AS
SELECT
  month,
  0.005 + 0.03 * sin(month) AS stock,
  0.002 + 0.01 * cos(month) AS bond
FROM generate_series(1, 120) AS month;

SELECT is(sim.create_model('plan', $$
  steps 24 month
  data market(stock, bond)
  input start_wealth = 100
  input share = 0.6  range 0 to 1
  input (stock[t], bond[t]) ~ bootstrap(market, block => 6)
  input cost ~ gamma(2, 0.1)
  wealth[0] = start_wealth
  wealth[t] = max(0, wealth[t-1] - cost) * (1 + share * stock[t] + (1 - share) * bond[t])
  output wealth[t] every 6
  output lasting = wealth[last] > 100
$$), 1, 'a model over time is created');
SELECT lives_ok($$SELECT sim.bind('plan', 'market', 'SELECT stock, bond FROM months ORDER BY month')$$,
  'a query is bound');
SELECT lives_ok($$SELECT sim.create_scenario('plan', 'bold', '{"share": 1}')$$, 'a scenario is created');
SELECT lives_ok($$SELECT sim.create_model('loop', 'x = cos(y)
  y = 0.5 * x + a
  input a ~ poisson(3)
  output x, y')$$, 'a loop that is not linear is created');

SELECT isnt((SELECT count(*) FROM sim.converge('loop')), 0::bigint, 'a loop is solved');
SELECT is((SELECT count(*) FROM sim.samples('plan', trials => 20000) AS s(trial bigint, lasting float8)),
  20000::bigint, 'samples come from parallel workers');
SELECT isnt((SELECT count(*) FROM sim.monte_carlo('plan', trials => 20000, scenarios => ARRAY['*'])), 0::bigint,
  'statistics of scenarios are made');
SELECT is(
  sim.result_hash('loop', trials => 5000),
  (SELECT sim.result_hash('loop', trials => 5000) FROM set_config('max_parallel_workers_per_gather', '0', true)),
  'they are the same without workers');
SELECT isnt((SELECT count(*) FROM sim.report('plan', trials => 2000)), 0::bigint, 'a report is written');
SELECT throws_like($$SELECT sim.create_model('bad', 'x = = 1')$$, '%bad%', 'a bad text is refused');

-- A cancel in the middle of a simulation: WHEN OTHERS does not catch it, WHEN query_canceled does.
CREATE FUNCTION pg_temp.outcome_of(statement text) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE statement;
  RETURN 'ended';
EXCEPTION WHEN query_canceled THEN
  RETURN 'cancelled';
END $$;
SET statement_timeout = '300ms';
SELECT is(pg_temp.outcome_of($$SELECT sim.result_hash('plan', trials => 100000000)$$), 'cancelled',
  'a long run is cancelled');
SET statement_timeout = 0;
SELECT is(sim.live_objects(), 0::bigint, 'and leaves no object alive');

SELECT * FROM finish();
