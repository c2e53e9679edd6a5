-- 50_views.sql -- the views a person looks around in.
BEGIN;
SELECT plan(24);

SELECT sim.create_model('path', $$
  steps 40 year
  data market(stock, bond)
  input start_wealth = 1000   unit 'EUR' range 100 to 5000 'what there is at first'
  input (stock[t], bond[t]) ~ bootstrap(market, block => 2)
  growth[t] = 0.5 * stock[t] + 0.5 * bond[t]
  wealth[0] = start_wealth
  wealth[t] = wealth[t-1] * (1 + growth[t])
  output wealth[t] every 10
  output success = wealth[last] > 0
  output peak = max(wealth[*])   unit 'EUR'
$$, comment => 'saving');
SELECT sim.create_model('loops', $$
  a = 1 + 0.5 * b
  b = 1 + 0.5 * a
  c = 1 + 0.1 * exp(-d)
  d = 1 + 0.1 * c
  output e = a + c
$$);

SELECT results_eq('SELECT name, version, comment, steps, step_label, uncertain, outputs FROM sim.models ORDER BY name',
  $$VALUES ('loops', 1, NULL, 0, NULL, false, ARRAY['e']), ('path', 1, 'saving', 40, 'year', true, ARRAY['wealth', 'success', 'peak'])$$,
  'sim.models tells what each model is');
SELECT results_eq('SELECT variable, kind, timed, uncertain FROM sim.variables WHERE model = ''path'' ORDER BY place',
  $$VALUES ('start_wealth', 'input', false, false), ('stock', 'input', true, true), ('bond', 'input', true, true),
    ('growth', 'formula', true, false), ('wealth', 'output', true, false), ('success', 'output', false, false),
    ('peak', 'output', false, false)$$, 'sim.variables lists them in the order of the text');
SELECT results_eq(
  'SELECT definition, unit, description, range_low, range_high, line FROM sim.variables WHERE variable = ''start_wealth''',
  $$VALUES ('1000', 'EUR', 'what there is at first', 100::float8, 5000::float8, 4)$$, 'with unit, description and range');
SELECT results_eq('SELECT unit, description, range_low FROM sim.variables WHERE variable = ''growth''',
  'VALUES (NULL::text, NULL::text, NULL::float8)', 'they are NULL where there is none');
SELECT matches((SELECT definition FROM sim.variables WHERE variable = 'stock'), '^~ bootstrap\(market, block => 2\)',
  'a distribution is shown with its ~');
SELECT matches((SELECT definition FROM sim.variables WHERE variable = 'wealth'), 'start_wealth.*\n.*wealth\[t-1\]',
  'a start rule and a rule are lines of one definition');
SELECT results_eq('SELECT depends_on, lag FROM sim.dependencies WHERE model = ''path'' AND name = ''wealth'' ORDER BY 1',
  $$VALUES ('growth', 0), ('start_wealth', 0), ('wealth', 1)$$, 'sim.dependencies tells what is read, and how far back');
SELECT results_eq('SELECT depends_on, lag FROM sim.dependencies WHERE name = ''peak''',
  $$VALUES ('wealth', NULL::integer)$$, 'NULL stands for a whole series');
SELECT results_eq('SELECT loop, variables, method, linear FROM sim.loops WHERE model = ''loops'' ORDER BY variables',
  $$SELECT * FROM (SELECT (sim.model_loops(source)).* FROM sim.models WHERE name = 'loops') AS x ORDER BY variables$$,
  'sim.loops lists the loops');
SELECT results_eq('SELECT variables, method, linear FROM sim.loops WHERE model = ''loops'' ORDER BY variables',
  $$VALUES (ARRAY['a', 'b'], 'direct', true), (ARRAY['c', 'd'], 'newton', false)$$, 'and how each will be solved');
SELECT results_eq('SELECT name, columns, ordered, bound FROM sim.data_blocks',
  $$VALUES ('market', ARRAY['stock', 'bond'], true, false)$$, 'sim.data_blocks lists what waits for a query');
SELECT sim.bind('path', 'market', 'SELECT 0.1 AS stock, 0.2 AS bond ORDER BY 1');
SELECT results_eq('SELECT bound FROM sim.data_blocks', ARRAY[true], 'and what has one');

SELECT sim.create_model('loops', 'output e = 1', replace => true);
SELECT is_empty('SELECT FROM sim.loops WHERE model = ''loops''', 'the views show the current version');
UPDATE sim.stored_versions SET source = 'output e = ' WHERE model_id = (SELECT model_id FROM sim.stored_models WHERE name = 'loops');
SELECT results_eq('SELECT name, outputs FROM sim.models ORDER BY name',
  $$VALUES ('loops', NULL), ('path', ARRAY['wealth', 'success', 'peak'])$$,
  'a text that is not accepted any more spoils no view');
SELECT is_empty('SELECT FROM sim.variables WHERE model = ''loops''', 'it has no variables');

-- the catalogue
SELECT results_eq('SELECT parameters, mean, discrete, from_data FROM sim.distributions WHERE name = ''normal''',
  $$VALUES ('mean, sd', 'mean', false, false)$$, 'sim.distributions explains each distribution');
SELECT is((SELECT count(*) FROM sim.distributions WHERE name IN ('normal', 'lognormal', 'lognormal_log', 'uniform', 'triangular',
  'pert', 'exponential', 'gamma', 'weibull', 'beta', 'student_t', 'poisson', 'binomial', 'bernoulli', 'discrete', 'empirical',
  'bootstrap', 'historical', 'series')), 19::bigint, 'all of them are there');
SELECT is_empty('SELECT FROM sim.distributions WHERE description IS NULL OR example IS NULL OR parameters IS NULL',
  'each with words and an example');
SELECT is_empty($$
  SELECT d.example, c.message FROM sim.distributions AS d
  CROSS JOIN LATERAL sim.check_model(format(E'steps 3 year\ndata market(stock, bond)\ninput x%s ~ %s\noutput y = 1',
    CASE WHEN d.name IN ('historical', 'series') THEN '[t]' ELSE '' END, d.example)) AS c
  WHERE c.severity = 'error' AND NOT d.from_data$$, 'each example is a good text');
SELECT results_eq('SELECT kind, result FROM sim.functions WHERE name = ''abs''', $$VALUES ('arithmetic', '3')$$,
  'sim.functions explains each function');
SELECT cmp_ok((SELECT count(*) FROM sim.functions WHERE name ~ 'sum'), '>=', 1::bigint, 'and can be searched');
SELECT is_empty('SELECT FROM sim.functions WHERE description IS NULL OR example IS NULL', 'each with words and an example');
SELECT is_empty($$
  SELECT f.example, c.message FROM sim.functions AS f CROSS JOIN LATERAL sim.check_model('output y = ' || f.example) AS c
  WHERE f.result IS NOT NULL AND c.severity = 'error'$$, 'each example that stands alone is a good text');
DO $$
DECLARE f record;
BEGIN
  FOR f IN SELECT row_number() OVER () AS n, example, result FROM sim.functions WHERE result IS NOT NULL LOOP
    PERFORM sim.create_model('f' || f.n, 'output y = ' || f.example);
  END LOOP;
END $$;
SELECT is_empty($$
  SELECT f.example, f.result, c.value
  FROM (SELECT row_number() OVER () AS n, example, result FROM sim.functions WHERE result IS NOT NULL) AS f
  CROSS JOIN LATERAL sim.converge('f' || f.n) AS c
  WHERE abs(c.value - f.result::float8) > 1e-4 * greatest(1, abs(c.value))$$, 'and gives what is said');

SELECT finish();
ROLLBACK;
