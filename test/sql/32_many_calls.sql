-- 32_many_calls.sql -- a model converged for each row of a query gives what each call gives alone, however it is put.
BEGIN;
SELECT plan(34);
\ir common/error_of.sql

SELECT sim.create_model('m', E'input a = 1 range -1e300 to 1e300\ninput b ~ normal(3, 1)\nx = a + 0.5 * y\ny = b + 0.1 * x\nz = if(a > 0, sqrt(a), a / 3)\noutput total = x + y + z');
SELECT sim.create_model('n', E'input a = 1\noutput total = 7 * a');
SELECT sim.create_scenario('m', 'low', '{"b": 1}');

/* All values of a call that no other call came before, bit for bit. */
CREATE FUNCTION pg_temp.alone(overrides jsonb, scenarios text[] DEFAULT NULL, model text DEFAULT 'm') RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(float8send(c.value), '' ORDER BY c.scenario, c.variable) FROM sim.converge(alone.model, alone.scenarios, alone.overrides) AS c);
END $$;
CREATE TEMP TABLE numbers AS
  SELECT row_number() OVER () AS n, v, v::numeric AS exact, (v * 1000)::bigint AS big, v::integer AS small, v > 0 AS truth
  FROM (VALUES (1.5::float8), (0), ('-0'), (0.1), (1e-9), (123456.789), (-2.5), (8e5), (pi()), (1e0), (0.30000000000000004), (1234.5678901234567)) AS t (v);

/* Numbers of rows whose values differ between many calls and each alone, for the overrides of the text. */
CREATE FUNCTION pg_temp.differing(built text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE differing bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM (SELECT n, string_agg(float8send(c.value), '''' ORDER BY c.variable) AS bits, pg_temp.alone(%1$s) AS alone
    FROM numbers, LATERAL sim.converge(''m'', overrides => %1$s) AS c GROUP BY n, pg_temp.alone(%1$s)) AS t WHERE bits IS DISTINCT FROM alone', built) INTO differing;
  RETURN differing;
END $$;
SELECT is((SELECT count(DISTINCT pg_temp.alone(jsonb_build_object('a', v))) FROM numbers), 11::bigint, 'calls that differ, but for the sign of zero');
SELECT is(pg_temp.differing($$jsonb_build_object('a', v)$$), 0::bigint, 'doubles in an object that is built');
SELECT is(pg_temp.differing($$jsonb_build_object('a', exact, 'b', v * 2)$$), 0::bigint, 'two, one of them a numeric');
SELECT is(pg_temp.differing($$jsonb_build_object('b', small, 'a', big)$$), 0::bigint, 'integers, in another order');
SELECT is(pg_temp.differing($$jsonb_build_object('A'::text, big)$$), 0::bigint, 'a key that is to be folded');
SELECT is(pg_temp.differing($$jsonb_build_object('a', v, 'a', small)$$), 0::bigint, 'a key given twice: the last one counts');
SELECT is(pg_temp.differing($$jsonb_build_object('a', truth)$$), 0::bigint, 'truth values');
SELECT is(pg_temp.differing($$jsonb_build_object('a', v::real)$$), 0::bigint, 'single precision');
SELECT is(pg_temp.differing($$jsonb_build_object('a', v::text)$$), 0::bigint, 'texts');
SELECT is(pg_temp.differing($$jsonb_build_object('a', v) || '{"b": 2}'$$), 0::bigint, 'an object made otherwise');
SELECT is(pg_temp.differing($$CASE WHEN n % 3 = 0 THEN '{}' WHEN n % 3 = 1 THEN jsonb_build_object('a', v) ELSE jsonb_build_object('b', v) END$$), 0::bigint, 'other names from call to call');
SELECT is(pg_temp.differing($$CASE n % 4 WHEN 0 THEN '{"b": "~ normal(9, 2)"}' WHEN 1 THEN jsonb_build_object('b', v) WHEN 2 THEN '{"b": "2 * a"}' END$$), 0::bigint,
  'numbers, draws, expressions and nothing in turn');
SET LOCAL extra_float_digits = -6;
SELECT is(pg_temp.differing($$jsonb_build_object('a', v)$$), 0::bigint, 'doubles that JSON shortens');
SELECT is((SELECT count(DISTINCT value) FROM (VALUES (0.3::float8), (0.30000000000000004)) AS t (v), LATERAL sim.converge('m', overrides => jsonb_build_object('a', v)) WHERE variable = 'total'),
  1::bigint, 'they are shortened');
RESET extra_float_digits;

-- What else may differ from call to call.
SELECT results_eq($$SELECT n, string_agg(float8send(c.value), '' ORDER BY c.scenario, c.variable) FROM numbers,
    LATERAL sim.converge('m', CASE n % 3 WHEN 0 THEN ARRAY['low'] WHEN 1 THEN ARRAY['*'] END, jsonb_build_object('a', v)) AS c GROUP BY n ORDER BY n$$,
  $$SELECT n, pg_temp.alone(jsonb_build_object('a', v), CASE n % 3 WHEN 0 THEN ARRAY['low'] WHEN 1 THEN ARRAY['*'] END) FROM numbers ORDER BY n$$, 'scenarios');
SELECT results_eq($$SELECT n, string_agg(float8send(c.value), '' ORDER BY c.variable) FROM numbers,
    LATERAL sim.converge(CASE WHEN n % 3 = 0 THEN 'n' ELSE 'm' END, overrides => jsonb_build_object('a', v)) AS c GROUP BY n ORDER BY n$$,
  $$SELECT n, pg_temp.alone(jsonb_build_object('a', v), model => CASE WHEN n % 3 = 0 THEN 'n' ELSE 'm' END) FROM numbers ORDER BY n$$, 'models');
CREATE FUNCTION pg_temp.replacing(factor integer) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sim.create_model('n', format(E'input a = 1\noutput total = %s * a', factor), replace => true);
  RETURN '{"a": 10}';
END $$;
SELECT results_eq($$SELECT value FROM generate_series(3, 5) AS i, LATERAL sim.converge('n', overrides => pg_temp.replacing(i))$$, 'VALUES (70::float8), (70), (70)',
  'a model that changes meanwhile: a statement sees what it saw when it began');
CREATE TEMP SEQUENCE evaluated;
SELECT is((SELECT sum(value) FROM generate_series(1, 5) AS i, LATERAL sim.converge('n', overrides => jsonb_build_object('a', nextval('evaluated') + 0 * i))), 75::float8,
  'overrides are evaluated once a call');
SELECT is((SELECT array_agg(value ORDER BY i) FROM generate_series(1, 4) AS i, LATERAL sim.converge('n', overrides => (SELECT jsonb_build_object('a', i)))), '{5,10,15,20}',
  'as a subquery');
PREPARE sweep(float8) AS SELECT sum(value) FROM generate_series(1, 3) AS i, LATERAL sim.converge('n', overrides => jsonb_build_object('a', i * $1));
PREPARE once(float8) AS SELECT value FROM sim.converge('n', overrides => jsonb_build_object('a', $1));
SELECT results_eq('EXECUTE sweep(2)', 'VALUES (60::float8)', 'with a parameter');
SELECT results_eq('EXECUTE once(2)', 'VALUES (10::float8)', 'with a parameter, one call');
DECLARE slowly CURSOR FOR SELECT i, value FROM generate_series(1, 4) AS i, LATERAL sim.converge('n', overrides => jsonb_build_object('a', i));
SELECT results_eq('FETCH 2 FROM slowly', 'VALUES (1, 5::float8), (2, 10)', 'a cursor');
SELECT sim.create_model('n', E'input a = 1\noutput total = 1000 * a', replace => true);
SELECT count(sim.create_model('m' || i, 'output y = 1')) FROM generate_series(1, 9) AS i;
SELECT count(value) FROM generate_series(1, 9) AS i, LATERAL sim.converge('m' || i);
SELECT results_eq('FETCH 1 FROM slowly', 'VALUES (3, 15::float8)', 'sees what it saw when it was opened');

-- Errors are those of the call alone, wherever it stands.
CREATE TEMP TABLE wrong (n integer, v float8, exact numeric, big text);
INSERT INTO wrong VALUES (1, 1, 1, '1'), (2, 2, 2, '2'), (3, NULL, NULL, NULL), (4, 'NaN', 'NaN', '[1]'), (5, 'Infinity', 1e400, '{}'), (6, 2e300, 2e300, '2e300');
CREATE FUNCTION pg_temp.error_after(column_name text, row_number integer) RETURNS text LANGUAGE sql AS $$
  SELECT public.error_of(format('SELECT sum(value) FROM (SELECT * FROM wrong WHERE n IN (1, 2, %s) ORDER BY n) AS t, LATERAL sim.converge(''m'', overrides => jsonb_build_object(''a'', %s)) AS c',
    row_number, column_name)) $$;
CREATE FUNCTION pg_temp.error_alone(column_name text, row_number integer) RETURNS text LANGUAGE sql AS $$
  SELECT public.error_of(format('SELECT sum(value) FROM sim.converge(''m'', overrides => (SELECT jsonb_build_object(''a'', %s) FROM wrong WHERE n = %s)) AS c', column_name, row_number)) $$;
SELECT results_eq($$SELECT c, n, pg_temp.error_after(c, n) FROM (VALUES ('v'), ('exact'), ('big::json')) AS t (c), generate_series(3, 6) AS n ORDER BY 1, 2$$,
  $$SELECT c, n, pg_temp.error_alone(c, n) FROM (VALUES ('v'), ('exact'), ('big::json')) AS t (c), generate_series(3, 6) AS n ORDER BY 1, 2$$, 'what is wrong with a value');
SELECT is((SELECT count(*) FROM (VALUES ('v'), ('exact'), ('big::json')) AS t (c), generate_series(3, 6) AS n WHERE pg_temp.error_after(c, n) = 'no error'), 0::bigint, 'is told in all these cases');
SELECT matches(pg_temp.error_after('v', 6), '^22003\nthe value 2e\+300 of input "a" is outside its range', 'as what it is');
SELECT is(public.error_line($$SELECT sum(value) FROM (VALUES ('{"a": 1}'::jsonb), ('{"a": 2}'), ('{"aa": 2}')) AS t (o), LATERAL sim.converge('m', overrides => o)$$),
  '42704 an override names an unknown input "aa"', 'a name that is none');

-- Simulated, too: what was compiled is used again with other numbers.
SELECT sim.create_model('s', E'input a = 1 range 0 to 1000\ninput b ~ normal(3, 1)\ninput c = 2\noutput x = a * b + c\noutput y = max(0, b - a)');
CREATE FUNCTION pg_temp.simulated(overrides jsonb, seed integer DEFAULT 1, trials integer DEFAULT 500) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT string_agg(m::text, ' ' ORDER BY m.output) FROM sim.monte_carlo('s', overrides => simulated.overrides, seed => simulated.seed, trials => simulated.trials) AS m);
END $$;
SET LOCAL sim.cache = off;
CREATE TEMP TABLE simulated AS
  SELECT n, pg_temp.simulated(o, seed, trials) AS alone, o, seed, trials
  FROM generate_series(1, 12) AS n, LATERAL (SELECT CASE n % 4 WHEN 0 THEN '{}' WHEN 1 THEN jsonb_build_object('a', n) WHEN 2 THEN jsonb_build_object('a', n, 'c', 2 * n) ELSE jsonb_build_object('b', n) END,
    1 + n % 3, 500 + 1500 * (n % 2)) AS t (o, seed, trials);
SELECT results_eq($$SELECT n, string_agg(m::text, ' ' ORDER BY m.output) FROM simulated AS s, LATERAL sim.monte_carlo('s', overrides => o, seed => s.seed, trials => s.trials) AS m GROUP BY n ORDER BY n$$,
  'SELECT n, alone FROM simulated ORDER BY n', 'simulations with other numbers, seeds and trials in turn');
SELECT results_eq($$SELECT n, pg_temp.simulated(o, seed, trials) FROM simulated ORDER BY n DESC$$, 'SELECT n, alone FROM simulated ORDER BY n DESC', 'and the other way round');
SELECT is((SELECT count(DISTINCT alone) FROM simulated), 12::bigint, 'which differ');
DECLARE first_samples CURSOR FOR SELECT x FROM sim.samples('s', 5000, overrides => '{"a": 7}') AS s(x float8);
CREATE TEMP TABLE fetched (x float8);
CREATE FUNCTION pg_temp.fetch_some() RETURNS void LANGUAGE plpgsql AS $$
DECLARE c refcursor := 'first_samples'; x float8;
BEGIN
  FOR i IN 1..2500 LOOP FETCH c INTO x; INSERT INTO fetched VALUES (x); END LOOP;
END $$;
SELECT pg_temp.fetch_some();
SELECT lives_ok($$SELECT sum(x) FROM sim.samples('s', 5000, overrides => '{"a": 8}') AS s(x float8)$$, 'other numbers while a cursor is open');
SELECT pg_temp.fetch_some();
SELECT results_eq('SELECT sum(x::numeric) FROM fetched', $$SELECT sum(x::numeric) FROM sim.samples('s', 5000, overrides => '{"a": 7}') AS s(x float8)$$, 'which goes on with its own');
SELECT is(public.error_line($$SELECT sum(m.mean) FROM (VALUES (1), (2), (2000), (3)) AS t (v), LATERAL sim.monte_carlo('s', trials => 10, overrides => jsonb_build_object('a', v)) AS m$$),
  '22003 the value 2000 of input "a" is outside its range', 'a number out of range');

-- Many calls, little memory.
CREATE FUNCTION pg_temp.memory() RETURNS bigint LANGUAGE sql AS 'SELECT sum(total_bytes)::bigint FROM pg_get_backend_memory_contexts()';
CREATE FUNCTION pg_temp.grown(calls integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE before bigint; after bigint; count integer := 0; row record;
BEGIN
  FOR row IN SELECT c.value FROM generate_series(1, calls) AS i, LATERAL sim.converge('m', overrides => jsonb_build_object('a', i)) AS c WHERE variable = 'total' LOOP
    count := count + 1;
    IF count = 200 THEN before := pg_temp.memory(); END IF;
    IF count = calls - 200 THEN after := pg_temp.memory(); END IF;
  END LOOP;
  RETURN after - before;
END $$;
SELECT cmp_ok(pg_temp.grown(30000), '<', 200000::bigint, 'calls leave no memory behind');

SELECT * FROM finish();
ROLLBACK;
