-- 46_keys.sql -- what names a result, and which inputs went into it.
BEGIN;
SELECT plan(27);

CREATE TABLE prices (item text, price float8, note text);
INSERT INTO prices VALUES ('steel', 100, 'a'), ('iron', 90, 'b');

SELECT sim.create_model('plant', $$
  input material  = 100   unit 'EUR/t'  range 0 to 10000
  input energy    ~ normal(80, 12)
  input idle      = 1
  data history(price)
  co2      = 0.1 * energy + 0.05 * disposal
  disposal = 0.8 * material + co2
  output total = material + energy + disposal
  output fuel  = 3 * energy
  output past  = mean(history.price)
$$);
SELECT sim.bind('plant', 'history', 'SELECT price, 1 AS volume FROM prices ORDER BY item');
SELECT sim.create_scenario('plant', 'dear', '{"material": 120}');
SELECT sim.create_scenario('plant', 'twin', '{"material": 120, "idle": 5}');
SELECT sim.create_scenario('plant', 'wild', '{"energy": "~ normal(80, 24)"}', 'dear');

/* Volatile: each call sees what came before it. */
CREATE FUNCTION pg_temp.keys(overrides jsonb DEFAULT '{}', trials bigint DEFAULT 100, seed bigint DEFAULT 1) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
  RETURN QUERY SELECT k.output || ' ' || k.key::text FROM sim.output_keys('plant', trials, seed, NULL, overrides) AS k;
END $$;
CREATE FUNCTION pg_temp.changed() RETURNS text[] LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT array_agg(k.output ORDER BY k.output) FROM sim.output_keys('plant', 100) AS k
    LEFT JOIN pg_temp.before AS b ON b.key = k.key WHERE b.key IS NULL);
END $$;
CREATE TEMP TABLE before AS SELECT * FROM sim.output_keys('plant', 100);

SELECT results_eq('SELECT scenario, output, length(key) FROM before',
  $$VALUES ('base', 'total', 32), ('base', 'fuel', 32), ('base', 'past', 32)$$, 'a key of 32 bytes for each output');
SELECT is((SELECT count(DISTINCT key) FROM before), 3::bigint, 'each another');
SELECT is(pg_temp.changed(), NULL, 'the same again');
SELECT set_eq($$SELECT pg_temp.keys('{"material": 1e2, "idle": 7}')$$, 'SELECT pg_temp.keys()',
  'an override that is the default, or that nobody reads, changes no key');
SELECT ok((SELECT every(k.key <> b.key) FROM sim.output_keys('plant', 100, 2) AS k JOIN before AS b USING (output)),
  'another seed, another key');
SELECT ok((SELECT every(k.key <> b.key) FROM sim.output_keys('plant', 101) AS k JOIN before AS b USING (output)),
  'other trials, another key');
SELECT results_eq($$SELECT output, count(DISTINCT key) FROM sim.output_keys('plant', 100, scenarios => ARRAY['*']) GROUP BY 1 ORDER BY 1$$,
  $$VALUES ('fuel', 2::bigint), ('past', 1), ('total', 3)$$, 'scenarios of equal effect share a key');
SELECT is((SELECT key FROM sim.output_keys('plant', 10000) WHERE output = 'fuel'), (SELECT key FROM sim.output_keys('plant') WHERE output = 'fuel'),
  'trials that are left out are those that are simulated');

-- Rows.
UPDATE prices SET note = 'c';
SELECT is(pg_temp.changed(), NULL, 'a column that is not bound changes no key');
UPDATE prices SET price = price;
SELECT is(pg_temp.changed(), NULL, 'nor does a change that leaves the values');
UPDATE prices SET price = 91 WHERE item = 'iron';
SELECT is(pg_temp.changed(), ARRAY['past'], 'another value changes what reads it');
UPDATE prices SET price = 90 WHERE item = 'iron';
SELECT is(pg_temp.changed(), NULL, 'and back');
SELECT sim.bind('plant', 'material', 'SELECT max(price) FROM prices');
SELECT is(pg_temp.changed(), NULL, 'a bound value that is the default changes no key');
UPDATE prices SET price = 105 WHERE item = 'steel';
SELECT is(pg_temp.changed(), ARRAY['past', 'total'], 'another one does');
SELECT results_eq($$SELECT input, source, definition, value, rows FROM sim.effective_inputs('plant')$$,
  $$VALUES ('material', 'binding', NULL, 105::float8, NULL::bigint), ('energy', 'default', '~ normal(80, 12)', NULL, NULL),
    ('history', 'binding', NULL, NULL, 2)$$, 'the inputs that outputs read, and where they come from');
SELECT sim.unbind('plant', 'material');
UPDATE prices SET price = 100 WHERE item = 'steel';
SELECT results_eq($$SELECT scenario, input, source, definition, value FROM sim.effective_inputs('plant', ARRAY['wild', 'base'], '{"material": 7}') WHERE input <> 'history'$$,
  $$VALUES ('wild', 'material', 'override', NULL, 7::float8), ('wild', 'energy', 'scenario', '~ normal(80, 24)', NULL),
    ('base', 'material', 'override', NULL, 7), ('base', 'energy', 'default', '~ normal(80, 12)', NULL)$$, 'overrides of scenarios and of the call');
SELECT is((SELECT count(DISTINCT hash) FROM sim.effective_inputs('plant', ARRAY['base', 'dear', 'twin'])), 4::bigint,
  'equal inputs have equal hashes');

-- Texts.
SELECT sim.create_model('plant', $$
  -- the same in other words
  output FUEL  = (energy * 1 + 0) * 0 + 3 * energy
  output total = material + energy + disposal
  output past  = mean(history.price)
  disposal = 8e-1 * (material) + co2
  co2      = 0.1 * energy + 0.05 * disposal
  data history(price, volume)
  input energy    ~ normal(80.0, 12)   unit 'EUR/t'
  input material  = 50 + 50
  input idle = 2
$$, replace => true);
SELECT is(pg_temp.changed(), ARRAY['fuel'], 'only the output whose formula is another has another key');

-- Errors are those of a simulation.
PREPARE unknown_model AS SELECT sim.output_keys('plants');
SELECT throws_ok('unknown_model', '42704', NULL, 'an unknown model');
SELECT throws_ok($$SELECT sim.output_keys('plant', 100, overrides => '{"materials": 1}')$$, '42704', NULL, 'an unknown input');
SELECT throws_ok($$SELECT sim.output_keys('plant', 0)$$, '22023', NULL, 'no trials');
SELECT sim.unbind('plant', 'history');
SELECT throws_ok($$SELECT sim.output_keys('plant', 100)$$, '22000', NULL, 'a data block without rows');
SELECT throws_ok($$SELECT sim.effective_inputs('plant')$$, '22000', NULL, 'and for the inputs');

-- Loops whose formulas take each other's new values.
SELECT sim.create_model('sweep', E'solve method gauss_seidel\na = 0.5 * cos(b)\nb = 0.3 * sin(a) + 1\noutput y = a');
CREATE TEMP TABLE sweep AS SELECT key FROM sim.output_keys('sweep', 10);
SELECT sim.create_model('sweep', E'solve method gauss_seidel\nb = 0.3 * sin(a) + 1\na = 0.5 * cos(b)\noutput y = a', replace => true);
SELECT isnt((SELECT key FROM sim.output_keys('sweep', 10)), (SELECT key FROM sweep), 'there the order is part of the key');

-- Only computing.
SET LOCAL transaction_read_only = on;
SELECT lives_ok($$SELECT * FROM sim.output_keys('sweep')$$, 'in a read-only transaction');
SELECT is((SELECT provolatile::text || proparallel::text FROM pg_proc WHERE proname = 'output_keys'), 'ss', 'stable and parallel safe');
SELECT is((SELECT provolatile::text || proparallel::text FROM pg_proc WHERE proname = 'effective_inputs'), 'ss', 'both');

SELECT * FROM finish();
ROLLBACK;
