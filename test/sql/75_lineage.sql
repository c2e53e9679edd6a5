-- 75_lineage.sql -- from columns to numbers, and back.
BEGIN;
SELECT plan(28);

CREATE TABLE prices (item text, eur float8, note text);
INSERT INTO prices VALUES ('steel', 100, ''), ('glass', 50, '');
CREATE VIEW steel AS SELECT eur FROM prices WHERE item = 'steel';
CREATE TABLE market (stock float8);
INSERT INTO market VALUES (0.1), (0.2);
SELECT sim.create_model('plant', $$
  data history(stock)
  input material = 1
  input energy ~ normal(80, 12)
  input stock ~ empirical(history.stock)
  disposal = 0.8 * material + co2
  co2 = 0.05 * disposal + 0.1 * energy
  output total = material + disposal
  output heat = 2 * energy
  output gain = stock
$$);
SELECT sim.create_model('other', E'input material = 7\noutput total = material');
SET LOCAL client_min_messages = error;
SELECT sim.bind('plant', 'material', 'SELECT eur FROM steel');
SELECT sim.bind('plant', 'history', 'SELECT stock FROM market');
RESET client_min_messages;
SELECT sim.create_scenario('plant', 'dear', '{"energy": 120, "material": 3}');
CREATE TEMPORARY TABLE run AS SELECT sim.run('plant', trials => 100, scenarios => ARRAY['*']) AS id;

SELECT set_eq($$SELECT kind, name, depends_on_kind, depends_on, lag FROM sim.dependencies WHERE model = 'plant' AND kind <> 'run'$$,
  $$VALUES ('formula', 'disposal', 'input', 'material', 0), ('formula', 'disposal', 'formula', 'co2', 0),
    ('formula', 'co2', 'formula', 'disposal', 0), ('formula', 'co2', 'input', 'energy', 0),
    ('output', 'total', 'input', 'material', 0), ('output', 'total', 'formula', 'disposal', 0),
    ('output', 'heat', 'input', 'energy', 0), ('output', 'gain', 'input', 'stock', 0), ('input', 'stock', 'data', 'history', 0),
    ('input', 'material', 'binding', 'material', NULL), ('data', 'history', 'binding', 'history', NULL),
    ('binding', 'material', 'column', 'public.prices.eur', NULL), ('binding', 'material', 'column', 'public.prices.item', NULL),
    ('binding', 'history', 'column', 'public.market.stock', NULL)$$,
  'each thing that reads another, from columns to outputs');
SELECT set_eq($$SELECT kind, name, depends_on FROM sim.dependencies WHERE kind = 'run'$$,
  $$SELECT 'run', id::text, unnest(ARRAY['total', 'heat', 'gain']) FROM run$$, 'and runs');

SELECT results_eq($$SELECT * FROM sim.impact('prices.eur')$$,
  $$SELECT k, 'plant', n FROM (VALUES ('binding', 'material'), ('input', 'material'), ('formula', 'co2'), ('formula', 'disposal'),
    ('output', 'total'), ('run', (SELECT id::text FROM run))) AS v (k, n)$$, 'what a column touches, and nothing else');
SELECT results_eq($$SELECT * FROM sim.impact('public.prices.eur')$$, $$SELECT * FROM sim.impact('prices.eur')$$, 'with its schema');
SELECT results_eq($$SELECT * FROM sim.impact('prices')$$, $$SELECT * FROM sim.impact('prices.eur')$$, 'the whole table');
SELECT results_eq($$SELECT * FROM sim.impact('steel.eur')$$, $$SELECT * FROM sim.impact('prices.eur')$$, 'a view');
SELECT is_empty($$SELECT * FROM sim.impact('prices.note')$$, 'a column that nothing reads');
SELECT set_eq($$SELECT name FROM sim.impact('market') WHERE kind IN ('data', 'input', 'output')$$, ARRAY['history', 'stock', 'gain'],
  'a data block');
SELECT throws_ok($$SELECT * FROM sim.impact('prices.nothing')$$, '42703', 'table "public.prices" has no column "nothing"', 'no such column');
SELECT throws_ok($$SELECT * FROM sim.impact('nothing')$$, '42P01', '"nothing" is neither a table nor a column of one', 'no such table');

SELECT results_eq($$SELECT kind, name, scenario, source, value FROM sim.lineage((SELECT id FROM run)) WHERE kind IN ('input', 'data')$$,
  $$VALUES ('input', 'energy', 'base', 'default', NULL::float8), ('input', 'energy', 'dear', 'scenario', 120),
    ('input', 'material', 'base', 'binding', 100), ('input', 'material', 'dear', 'scenario', 3),
    ('input', 'stock', 'base', 'default', NULL), ('input', 'stock', 'dear', 'default', NULL),
    ('data', 'history', 'base', 'binding', NULL), ('data', 'history', 'dear', 'binding', NULL)$$, 'what the inputs of a run were');
SELECT set_eq($$SELECT name FROM sim.lineage((SELECT id FROM run)) WHERE kind = 'column'$$,
  ARRAY['public.prices.eur', 'public.prices.item', 'public.market.stock'], 'and where they came from');
UPDATE prices SET eur = 200;
SELECT is((SELECT value FROM sim.lineage((SELECT id FROM run)) WHERE name = 'material' AND source = 'binding'), 100::float8,
  'that stays when the table changes');
SELECT sim.create_model('plant', E'input energy = 1\noutput heat = energy', replace => true)
  FROM (SELECT sim.unbind('plant', 'material'), sim.unbind('plant', 'history'), sim.drop_scenario('plant', 'dear')) AS u;
SELECT set_eq($$SELECT name FROM sim.lineage((SELECT id FROM run)) WHERE kind = 'output'$$, ARRAY['total', 'heat', 'gain'],
  'and when the model does');
CREATE TEMPORARY TABLE kept AS SELECT * FROM sim.lineage((SELECT id FROM run));
SELECT sim.drop_model('plant');
SELECT results_eq('SELECT * FROM sim.lineage((SELECT id FROM run))',
  $$SELECT * FROM kept WHERE kind IN ('output', 'input', 'data')
    ORDER BY array_position(ARRAY['output', 'input', 'data'], kind), name, scenario$$, 'or is dropped');
SELECT throws_ok('SELECT * FROM sim.lineage(-1)', '42704', 'run -1 does not exist', 'a run that is not there is missed');
SELECT throws_ok('SELECT * FROM sim.lineage(NULL)', '42704', 'run NULL does not exist', 'as is none');
SELECT sim.create_model('"Other Plant"', E'input energy = 1\noutput heat = energy');
SELECT sim.create_result_view('other', '"Other Plant"', trials => 10);
SELECT results_eq($$SELECT DISTINCT model, depends_on FROM sim.dependencies WHERE kind = 'result view' AND name = 'other'$$,
  $$VALUES ('Other Plant', 'heat')$$, 'what a result view shows');
SELECT sim.drop_model('"Other Plant"');
SELECT lives_ok('SELECT FROM sim.dependencies', 'a result view whose model is gone is in nobody''s way');

-- what replaces a binding
CREATE TABLE parts (kind integer, eur float8, kg float8) PARTITION BY LIST (kind);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
INSERT INTO parts VALUES (1, 10, 1);
CREATE TABLE goods (eur float8);
CREATE TABLE wares (note text) INHERITS (goods);
INSERT INTO wares VALUES (3, '');
SELECT sim.create_model('shop', $$
  data history(eur)
  input price = 1
  input rent = 1
  input noise ~ empirical(history.eur)
  output cost = price + rent
  output sold = noise
$$);
SET LOCAL client_min_messages = error;
SELECT sim.bind('shop', 'price', 'SELECT sum(eur) FROM parts');
SELECT sim.bind('shop', 'history', 'SELECT eur FROM goods');
RESET client_min_messages;
SELECT sim.create_scenario('shop', 'fixed', '{"price": 5, "noise": 1}');
SELECT sim.create_scenario('shop', 'linked', '{"price": 5, "rent": "2 * noise"}');
CREATE FUNCTION pg_temp.touched(source text) RETURNS text[] LANGUAGE sql AS
  $$SELECT array_agg(coalesce(r.name, i.name) ORDER BY i.kind = 'run' DESC, coalesce(r.name, i.name))
    FROM sim.impact(source) AS i LEFT JOIN sim.stored_runs AS r ON i.kind = 'run' AND r.run_id::text = i.name
    WHERE i.kind IN ('run', 'result view')$$;
SELECT sim.run('shop', 100, name => 'plain'), sim.run('shop', 100, name => 'fixed', scenarios => ARRAY['fixed']),
  sim.run('shop', 100, name => 'both', scenarios => ARRAY['base', 'fixed']), sim.run('shop@1', 100, name => 'pinned'),
  sim.run('shop', 100, name => 'linked', scenarios => ARRAY['linked']), sim.run('shop', 100, name => 'given', overrides => '{"price": 7}');
SELECT sim.create_result_view('v_plain', 'shop', 100), sim.create_result_view('v_fixed', 'shop', 100, scenarios => ARRAY['fixed']),
  sim.create_result_view('v_given', 'shop', 100, overrides => '{"price": 7}');
SELECT is(pg_temp.touched('parts.eur'), '{both,pinned,plain,v_plain}', 'who replaces a bound input everywhere is not touched');
SELECT is(pg_temp.touched('goods.eur'), '{both,given,linked,pinned,plain,v_given,v_plain}', 'nor is who replaces what draws from a block');
SELECT is(pg_temp.touched('parts_1.eur'), pg_temp.touched('parts.eur'), 'a partition touches what its parents do');
SELECT is(pg_temp.touched('wares'), pg_temp.touched('goods'), 'so does a child');
SELECT is(pg_temp.touched('parts_1.kg'), NULL, 'by the same columns');
SELECT is(pg_temp.touched('wares.note'), NULL, 'not by its own');
UPDATE parts SET eur = 11;
SELECT set_eq('SELECT name FROM sim.runs WHERE NOT current AND model = ''shop''', $$SELECT unnest(ARRAY['both', 'pinned', 'plain'])$$, 'and these runs a change makes stale');
SELECT sim.bind('shop', 'price', 'SELECT sum(eur) FROM parts_1');
SELECT isnt_empty($$SELECT FROM sim.impact('parts.eur') WHERE kind = 'output' AND name = 'cost'$$, 'who writes a table writes its partitions');
SELECT sim.create_model('shop', E'data history(eur)\ninput price = 1\ninput noise ~ empirical(history.eur)\ninput rent = 1\noutput cost = 2 * price + noise', replace => true);
SELECT is(pg_temp.touched('parts.eur'), '{both,fixed,given,linked,pinned,plain,v_fixed,v_given,v_plain}', 'of another text nothing is known of what they would read');

SELECT finish();
ROLLBACK;
