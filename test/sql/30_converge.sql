-- 30_converge.sql -- solving: values, scenarios, time, what does not converge, and where the functions may stand.
BEGIN;
SELECT plan(41);

\ir common/error_of.sql

SELECT sim.create_model('plant_cost', $$
  input material  = 100                       unit 'EUR/t'  range 0 to 10000
  input energy    ~ normal(80, 12)            unit 'EUR/t'
  input transport ~ triangular(20, 25, 40)    unit 'EUR/t'
  disposal  = 0.8 * material + co2
  co2       = 0.1 * energy + 0.05 * disposal
  logistics = transport + eco
  eco       = 0.1 * logistics + 0.05 * co2
  output total = material + energy + disposal + co2 + logistics + eco   unit 'EUR/t'
$$);

-- the cost model: disposal = (0.8 material + 0.1 energy) / 0.95, solved by hand
SELECT results_eq(
  $$SELECT variable, round(value::numeric, 9) FROM sim.converge('plant_cost', overrides => '{"energy": 120}')$$,
  $$VALUES ('disposal', 96.842105263), ('co2', 16.842105263), ('logistics', 32.417153996), ('eco', 4.083820663),
      ('total', 370.185185185)$$,
  'a circular model has its solution, formulas in the order of the text');
SELECT is((SELECT abs(max(value) - (80 + 8) / 0.95) < 1e-9 FROM sim.converge('plant_cost') WHERE variable = 'disposal'), true,
  'uncertain inputs stand at their means');
SELECT is((SELECT count(step) FROM sim.converge('plant_cost')), 0::bigint, 'without time there is no step');
SELECT results_eq('SELECT DISTINCT scenario FROM sim.converge(''plant_cost'')', ARRAY['base'], 'the base is called base');
SELECT results_eq(
  'SELECT scenario, loop, variables, method, iterations, residual, round(contraction::numeric, 6), converged, step
   FROM sim.converge_report(''plant_cost'')',
  $$VALUES ('base', 1, ARRAY['co2', 'disposal'], 'direct', 1::bigint, 0::float8, 0.05, true, NULL::integer),
      ('base', 2, ARRAY['eco', 'logistics'], 'direct', 1, 0, 0.1, true, NULL)$$,
  'the report tells how each loop was solved');

-- scenarios
DO $$
BEGIN
  PERFORM sim.create_scenario('plant_cost', 'e' || g, jsonb_build_object('energy', g)) FROM generate_series(1, 999) AS g;
END $$;
SELECT is((SELECT count(*) FROM sim.converge('plant_cost', ARRAY['*'])), 5000::bigint, 'a thousand scenarios are solved in a call');
SELECT is((SELECT max(abs(value - (80 + 0.1 * substr(scenario, 2)::float8) / 0.95)) < 1e-9
  FROM sim.converge('plant_cost', ARRAY['*']) WHERE variable = 'disposal' AND scenario <> 'base'), true, 'each is right');
SELECT is((SELECT count(*) FROM sim.converge_report('plant_cost', ARRAY['e1', 'base'])), 4::bigint, 'the report has all of them');
SELECT throws_ok($$SELECT sim.converge('plant_cost', ARRAY['e1', 'E1'])$$, '22023', 'scenario "e1" is asked for twice',
  'a scenario is named once');
SELECT throws_ok($$SELECT sim.converge('plant_cost', ARRAY['x'])$$, '42704', 'model "plant_cost" has no scenario "x"',
  'a scenario must exist');
SELECT throws_ok($$SELECT sim.converge('plant_cost', ARRAY[NULL])$$, '22004', 'the name of a scenario must not be null',
  'no scenario is NULL');
SELECT throws_ok($$SELECT sim.converge('plant_cost', '{}')$$, '22023', 'scenarios is an empty array', 'none is not NULL');
SET LOCAL sim.max_scenarios = 10;
SELECT throws_ok($$SELECT sim.converge('plant_cost', ARRAY['*'])$$, '54000',
  'the call asks for more scenarios than sim.max_scenarios allows', 'sim.max_scenarios holds');
RESET sim.max_scenarios;
SELECT results_eq($$SELECT scenario FROM sim.converge('plant_cost', ARRAY['e7', '*']) WHERE variable = 'total' LIMIT 3$$,
  ARRAY['e7', 'base', 'e1'], '* adds what was not named before');

-- overrides
SELECT is(error_of($$SELECT sim.converge('plant_cost', overrides => '{"enery": 1}')$$), concat_ws(E'\n', '42704',
  'an override names an unknown input "enery"', 'Did you mean "energy"?'), 'an unknown key');
SELECT throws_ok($$SELECT sim.converge('plant_cost', overrides => '{"total": 1}')$$, '42704',
  'an override names "total", which is a formula', 'a formula');
SELECT throws_ok($$SELECT sim.converge('plant_cost', overrides => '{"material": -1}')$$, '22003',
  'the value -1 of input "material" is outside its range', 'a value outside its range');
SELECT throws_ok($$SELECT sim.converge('plant_cost', overrides => '{"material": null}')$$, '22023',
  'overrides: the value of "material" is null', 'null');
SELECT throws_ok($$SELECT sim.converge('plant_cost', overrides => '"x"')$$, '22023', 'overrides: not a JSON object', 'no object');
SELECT throws_ok($$SELECT sim.converge('plant_cost', overrides => '{"energy": 1, "ENERGY": 2}')$$, '22023',
  '"energy" is overridden twice', 'one input twice');
SELECT is((SELECT value FROM sim.converge('plant_cost', overrides => '{"energy": "material * 2"}') WHERE variable = 'co2'),
  (SELECT value FROM sim.converge('plant_cost', overrides => '{"energy": 200}') WHERE variable = 'co2'), 'a text is an expression');
SELECT lives_ok('SELECT sim.converge(''plant_cost'', overrides => NULL)', 'NULL overrides nothing');

-- time
SELECT sim.create_model('debt', $$
  steps 5 year
  input rate = 0.06
  input cash_flow = 120
  debt[0]     = 1000
  interest[t] = rate * (debt[t-1] + debt[t]) / 2
  debt[t]     = debt[t-1] + interest[t] - cash_flow
  output debt[t], interest[t]
$$);
SELECT results_eq(
  'SELECT step, round(value::numeric, 8) FROM sim.converge(''debt'') WHERE variable = ''debt''',
  'WITH RECURSIVE d (step, value) AS (
     SELECT 0, 1000::numeric UNION ALL SELECT step + 1, (value * 1.03 - 120) / 0.97 FROM d WHERE step < 5)
   SELECT step, round(value, 8) FROM d',
  'a loop inside a step is solved at each step');
SELECT is((SELECT min(step) FROM sim.converge('debt') WHERE variable = 'interest'), 1,
  'a formula without step 0 begins at 1');
SELECT isnt((SELECT step FROM sim.converge_report('debt')), NULL, 'over time the report names the worst step');

-- what does not converge
SELECT sim.create_model('growth', $$
  input gain = 1.34
  solve method gauss_seidel
  price = 10 + gain * wage
  wage = price - 4
  output x = price
$$);
SELECT throws_ok('SELECT sim.converge(''growth'')', 'SM001', 'loop 1 of model "growth" does not converge: price, wage',
  'a loop that does not converge is an error of its own');
SELECT matches(error_of('SELECT sim.converge(''growth'')'), 'gauss_seidel stopped after 100 iterations.*1.34.*\n.*auto',
  'which tells the method, the iterations, the factor and what to try');
SELECT results_eq('SELECT method, iterations, converged, round(contraction::numeric, 2) FROM sim.converge_report(''growth'')',
  $$VALUES ('gauss_seidel', 100::bigint, false, 1.34)$$, 'in the report it is a row');
SELECT is((SELECT value FROM sim.converge('growth', overrides => '{"gain": 0.5}') WHERE variable = 'x') BETWEEN 15.9 AND 16.1, true,
  'other values of its inputs converge');
SELECT sim.create_scenario('growth', 'calm', '{"gain": 0.5}');
SELECT results_eq('SELECT scenario, converged FROM sim.converge_report(''growth'', ARRAY[''base'', ''calm''])',
  $$VALUES ('base', false), ('calm', true)$$, 'a scenario that fails leaves its neighbours alone');

-- where the functions may stand
CREATE FUNCTION pg_temp.read_only(statement text) RETURNS text LANGUAGE sql SET transaction_read_only = on AS
  'SELECT error_of($1)';
SELECT is(pg_temp.read_only('SELECT sim.converge(''plant_cost'')'), 'no error', 'in a read-only transaction');
SELECT is(split_part(pg_temp.read_only('SELECT sim.create_model(''x'', ''output x = 1'')'), E'\n', 1), '25006',
  'where nothing is stored');
SELECT results_eq(
  $$SELECT t.price, c.value FROM (VALUES (10), (20)) AS t (price)
    CROSS JOIN LATERAL sim.converge('plant_cost', overrides => jsonb_build_object('material', t.price, 'energy', 0)) AS c
    WHERE c.variable = 'disposal'$$,
  $$VALUES (10, (8 / 0.95)::float8), (20, (16 / 0.95)::float8)$$, 'in a LATERAL join over parameters');
PREPARE solve (text, jsonb) AS SELECT count(*) FROM sim.converge($1, overrides => $2);
SELECT results_eq($$EXECUTE solve('plant_cost', '{"energy": 3}')$$, ARRAY[5::bigint], 'in a prepared statement');
SELECT is((SELECT count(*) FROM (SELECT (sim.converge('plant_cost')).*) AS c), 5::bigint, 'in the target list');
CREATE FUNCTION pg_temp.loops() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE total bigint := 0; r record;
BEGIN
  FOR r IN SELECT * FROM sim.converge('plant_cost') LOOP total := total + 1; END LOOP;
  RETURN total;
END $$;
SELECT is(pg_temp.loops(), 5::bigint, 'in a PL/pgSQL loop');
DECLARE rows SCROLL CURSOR FOR SELECT variable FROM sim.converge('plant_cost');
MOVE LAST IN rows;
SELECT results_eq('FETCH BACKWARD 1 FROM rows', ARRAY['eco'], 'in a cursor, backwards too');
SELECT is((SELECT count(*) FROM sim.converge('plant_cost') WITH ORDINALITY), 5::bigint, 'WITH ORDINALITY');
SELECT is((SELECT count(*) FROM ROWS FROM (sim.converge('plant_cost'), generate_series(1, 7)) AS r), 7::bigint, 'in ROWS FROM');
SET LOCAL force_parallel_mode = on;
SELECT is((SELECT count(*) FROM sim.converge('plant_cost', ARRAY['e1', 'e2'])), 10::bigint, 'in a parallel worker');
RESET force_parallel_mode;
SELECT sim.drop_model('plant_cost');
SELECT throws_ok($$EXECUTE solve('plant_cost', '{}')$$, '42704', 'model "plant_cost" does not exist',
  'a model that was dropped under a prepared statement is missed');

SELECT finish();
ROLLBACK;
