-- 22_binding.sql -- bindings: what a query may be, the order of its rows, what is checked at once, what follows later.
BEGIN;
SELECT plan(68);

\ir common/error_of.sql
CREATE FUNCTION pg_temp.value_of(variable text, step integer DEFAULT NULL) RETURNS float8 LANGUAGE sql AS
  'SELECT value FROM sim.converge(''plant'') AS c WHERE c.variable = $1 AND c.step IS NOT DISTINCT FROM $2';
/* Binds a query to an input and tells what came of it. */
CREATE FUNCTION pg_temp.bind_price(query text) RETURNS text LANGUAGE sql AS
  'SELECT error_of(format(''SELECT sim.bind(''''plant'''', ''''price'''', %L)'', $1))';
CREATE FUNCTION pg_temp.bind_market(query text) RETURNS text LANGUAGE sql AS
  'SELECT error_of(format(''SELECT sim.bind(''''plant'''', ''''market'''', %L)'', $1))';

CREATE TABLE prices (item text, price numeric, sold date, note text);
INSERT INTO prices VALUES ('steel', 104, '2024-01-03', 'a'), ('iron', 99.5, '2024-01-01', 'b'), ('tin', 12, '2024-01-02', NULL);

SELECT sim.create_model('plant', $$
  steps 3 year
  data market(stock, bond)
  data other(x)
  input price = 100      range 0 to 10000
  input wage[t] = 1
  input return_rate[t] ~ series(market.stock)
  input spread[t] ~ series(market.bond)
  input draw ~ empirical(other.x)
  cost = 2 * price
  paid[t] = wage[t]
  rate[t] = return_rate[t] - spread[t]
  output cost, paid[t], rate[t]
  output o = draw
$$);

-- an input with one value
SELECT throws_ok('SELECT sim.converge(''plant'')', '22000', NULL, 'a data block must be bound');
SELECT lives_ok($$SELECT sim.bind('plant', 'other', 'SELECT * FROM (VALUES (1), (3)) AS v (x)')$$, 'a query is bound');
SELECT lives_ok($$SELECT sim.bind('plant', 'other', 'SELECT 2 AS x')$$, 'and replaced by another');
SELECT is(pg_temp.bind_market('SELECT 0.1 * g AS stock, 0 AS bond FROM generate_series(1, 3) AS g ORDER BY g'), 'no error',
  'a data block takes its columns by name');
SELECT is(pg_temp.value_of('cost'), 200::float8, 'without a binding an input has its default');
SELECT is(pg_temp.bind_price('SELECT price FROM prices WHERE item = ''steel'';'), 'no error', 'a query may end in a semicolon');
SELECT is(pg_temp.value_of('cost'), 208::float8, 'a bound input has the value of its query');
UPDATE prices SET price = 105 WHERE item = 'steel';
SELECT is(pg_temp.value_of('cost'), 210::float8, 'whenever the model is used');
SELECT is((SELECT value FROM sim.converge('plant', overrides => '{"price": 1}') WHERE variable = 'cost'), 2::float8,
  'an override wins over a binding');
SELECT results_eq('SELECT query, ordered, owner::text, follows FROM sim.bindings WHERE name = ''price''',
  $$VALUES ('SELECT price FROM prices WHERE item = ''steel'';', false, 'postgres', ARRAY['prices.item', 'prices.price'])$$,
  'the binding is listed with what it follows');
SELECT is((SELECT count(*) FROM pg_class WHERE relnamespace = 'sim_bindings'::regnamespace), 3::bigint,
  'each binding is one view');
SELECT is(pg_temp.bind_price('SELECT true'), 'no error', 'a boolean is a number');
SELECT is(pg_temp.value_of('cost'), 2::float8, 'true is 1');
SELECT is(pg_temp.bind_price('SELECT 7::smallint'), 'no error', 'so is a smallint');

-- an input with time
SELECT is(error_of($$SELECT sim.bind('plant', 'wage', 'SELECT 10 * g FROM generate_series(1, 4) AS g ORDER BY g')$$),
  'no error', 'an input with [t] takes a row a step, and may leave rows');
SELECT results_eq('SELECT step, value FROM sim.converge(''plant'') WHERE variable = ''paid''',
  'VALUES (1, 10::float8), (2, 20), (3, 30)', 'row i is step i');
SELECT is(error_of($$SELECT sim.bind('plant', 'wage', 'VALUES (1), (2) ORDER BY 1')$$),
  E'22000\nthe query for input "wage" gives 2 rows for 3 steps\nRow i is the value at step i: give one for each step.',
  'too few rows are too few');
SELECT is(split_part(error_of($$SELECT sim.bind('plant', 'wage', 'VALUES (1), (2), (3)')$$), E'\n', 2),
  'the query for "wage" has no ORDER BY', 'order matters over time');

-- order of rows
SELECT is(split_part(pg_temp.bind_market('SELECT 1 AS stock, 2 AS bond FROM prices'), E'\n', 2),
  'the query for "market" has no ORDER BY', 'order matters for a series');
SELECT is(pg_temp.bind_market('SELECT price AS stock, 0 AS bond, note FROM prices ORDER BY sold DESC'), 'no error',
  'an ORDER BY may name what is not selected');
SELECT results_eq('SELECT value FROM sim.converge(''plant'') WHERE variable = ''rate''', ARRAY[105, 12, 99.5]::float8[],
  'rows come in the order of the query');
SELECT is(pg_temp.bind_market('SELECT price AS stock, 0 AS bond FROM prices ORDER BY 1 > 0'), 'no error', 'an ORDER BY with ties');
SELECT results_eq('SELECT value FROM sim.converge(''plant'') WHERE variable = ''rate''', ARRAY[12, 99.5, 105]::float8[],
  'is completed by all columns');
SELECT is(pg_temp.bind_market('SELECT 3 AS stock, 0 AS bond UNION ALL SELECT 1, 0 UNION ALL SELECT 2, 0 ORDER BY stock'),
  'no error', 'a UNION can be ordered');
SELECT results_eq('SELECT value FROM sim.converge(''plant'') WHERE variable = ''rate''', ARRAY[1, 2, 3]::float8[], 'and is');
SELECT is(pg_temp.bind_market(
  'WITH p AS (SELECT item, price FROM prices) SELECT price AS stock, 0 AS bond, ''{}''::json AS j FROM p ORDER BY item'),
  'no error', 'columns that cannot be sorted do no harm, and WITH may be used');

-- what is no query
SELECT is(pg_temp.bind_price('DELETE FROM prices'), concat_ws(E'\n', '42601', 'the query for "price" is no SELECT',
  'It is DELETE.', 'Bind one SELECT that only reads.'), 'no DELETE');
SELECT is(split_part(pg_temp.bind_price('SELECT 1; SELECT 2'), E'\n', 3), 'It has 2 statements.', 'not two statements');
SELECT is(split_part(pg_temp.bind_price(' -- nothing'), E'\n', 3), 'It has 0 statements.', 'not none');
SELECT is(split_part(pg_temp.bind_price('SELECT 1 AS price INTO loot'), E'\n', 2), 'the query for "price" is no SELECT', 'no INTO');
SELECT is(split_part(pg_temp.bind_price('SELECT price FROM prices LIMIT 1 FOR UPDATE'), E'\n', 2),
  'the query for "price" locks rows', 'no FOR UPDATE');
SELECT is(split_part(pg_temp.bind_price('SELECT price FROM (SELECT * FROM prices FOR SHARE) AS p LIMIT 1'), E'\n', 1), '0A000',
  'nor inside it');
SELECT is(split_part(pg_temp.bind_price('WITH gone AS (DELETE FROM prices RETURNING price) SELECT price FROM gone'), E'\n', 2),
  'the query for "price" changes data', 'no DELETE in WITH');
SELECT is(split_part(pg_temp.bind_price('SELECT random()'), E'\n', 2), 'the query for "price" calls a volatile function',
  'no volatile function');
CREATE TEMP TABLE passing AS SELECT 1 AS price;
SELECT is(split_part(pg_temp.bind_price('SELECT price FROM passing'), E'\n', 2), 'the query for "price" reads a temporary table',
  'no temporary table');
SELECT is(split_part(pg_temp.bind_price('SELECT price FROM prices FETCH FIRST ROW WITH TIES'), E'\n', 1), '42601',
  'WITH TIES needs an ORDER BY');
SELECT is(split_part(pg_temp.bind_price('SELECT price FROM prices ORDER BY price FETCH FIRST ROW WITH TIES'), E'\n', 2),
  'the query for "price" says WITH TIES', 'and is refused with it');
SELECT is(pg_temp.bind_price('SELECT DISTINCT ON (item) price FROM prices'), concat_ws(E'\n', '42P10',
  'SELECT DISTINCT ON expressions must match initial ORDER BY expressions', 'Without an ORDER BY of its own the query is ordered by its columns.',
  'Add an ORDER BY that begins with the expressions of DISTINCT ON.'), 'DISTINCT ON needs an ORDER BY');
SELECT is(split_part(pg_temp.bind_price('SELECT $1'), E'\n', 1), '42P02', 'no parameter');
SELECT is(pg_temp.bind_price('SELECT prise FROM prices'), concat_ws(E'\n', '42703', 'column "prise" does not exist',
  'Perhaps you meant to reference the column "prices.price".'), 'the server explains what it does not know');
SELECT is(split_part(pg_temp.bind_price('SELECT FROM'), E'\n', 1), '42601', 'and what it cannot read');

-- columns
SELECT is(pg_temp.bind_market('SELECT price AS stock, note AS bnd FROM prices ORDER BY 1'), concat_ws(E'\n', '42703',
  'the query for "market" gives no column "bond"', 'It gives stock, bnd.', 'Name it in the query: ... AS bond.'),
  'a missing column is named, and what is there');
SELECT is(pg_temp.bind_market('SELECT price AS stock, note AS bond FROM prices ORDER BY 1'), concat_ws(E'\n', '42804',
  'column "bond" of the query for "market" is no number', 'Its type is text.',
  'Cast it in the query, or name another column.'), 'a text is no number');
SELECT is(split_part(pg_temp.bind_price('SELECT price, note FROM prices LIMIT 1'), E'\n', 2),
  'the query for input "price" gives 2 columns', 'an input takes one column');

-- rows
SELECT is(pg_temp.bind_market('SELECT price AS stock, nullif(price, 12) AS bond FROM prices ORDER BY price DESC'), concat_ws(E'\n',
  '22004', 'row 3 of the query for "market" has NULL in column "bond"', 'Models compute with finite numbers only.',
  'Leave such rows out, or give them a value, in the query.'), 'a NULL is named by row and column');
SELECT is(split_part(pg_temp.bind_market('SELECT ''NaN''::numeric AS stock, 0 AS bond ORDER BY 1'), E'\n', 2),
  'row 1 of the query for "market" has NaN in column "stock"', 'NaN is refused');
SELECT is(split_part(pg_temp.bind_market('SELECT 0 AS stock, ''-Infinity''::float8 AS bond ORDER BY 1'), E'\n', 2),
  'row 1 of the query for "market" has an infinity in column "bond"', 'so is an infinity');
SELECT is(split_part(pg_temp.bind_market('SELECT 0 AS stock, 0 AS bond WHERE false ORDER BY 1'), E'\n', 2),
  'the query for "market" gives no row', 'a data block needs rows');
SELECT is(split_part(pg_temp.bind_price('SELECT price FROM prices'), E'\n', 2),
  'the query for input "price" gives more than one row', 'an input takes one row');
SELECT is(pg_temp.bind_price('SELECT -1'), concat_ws(E'\n', '22003',
  'input "price" is -1 in row 1 of its query, outside its range 0 to 10000', 'Mend the value, or the range in the model.'),
  'and one within its range');
SELECT is(split_part(pg_temp.bind_price('SELECT 1 / (price - price) FROM prices'), E'\n', 1), '22012',
  'an error of the query is the query''s');

-- names
SELECT is(error_of($$SELECT sim.bind('plant', 'prise', 'SELECT 1')$$), concat_ws(E'\n', '42704',
  'model "plant" has neither a data block nor an input "prise"', 'Did you mean "price"?'), 'an unknown name');
SELECT throws_ok($$SELECT sim.bind('plant', 'cost', 'SELECT 1')$$, '22023', '"cost" is a formula', 'a formula');
SELECT throws_ok($$SELECT sim.bind('plant@1', 'price', 'SELECT 1')$$, '22023', '"plant@1" names a version, not a model', 'a version');
SELECT throws_ok($$SELECT sim.bind('plant', 'price', NULL)$$, '22004', 'query must not be null', 'no query');

-- what follows later
SELECT is(pg_temp.value_of('cost'), 14::float8, 'what was refused left the binding before it in place');
SELECT is(pg_temp.bind_price('SELECT price FROM prices WHERE item = ''steel'''), 'no error', 'bound again');
SELECT throws_ok('ALTER TABLE prices DROP COLUMN item', '2BP01', NULL, 'a column that is bound is protected');
SELECT lives_ok('ALTER TABLE prices DROP COLUMN note', 'one that is not bound is not');
SELECT lives_ok('ALTER TABLE prices RENAME COLUMN price TO amount', 'a column may be renamed');
SELECT is(pg_temp.value_of('cost'), 210::float8, 'and is followed');
SET LOCAL force_parallel_mode = on;
SELECT is(pg_temp.value_of('cost'), 210::float8, 'a parallel worker reads bindings too');
SELECT results_eq('SELECT value FROM sim.converge(''plant'') WHERE variable = ''cost''', ARRAY[210::float8],
  'at the top of a query as well');
RESET force_parallel_mode;
DROP VIEW sim_bindings.plant_price_binding;
SELECT is(error_of('SELECT sim.converge(''plant'')'), concat_ws(E'\n', '55000',
  'the view that supplies "price" is gone',
  'All that its query names is there, but the view was dropped, or could not be made again over what has these names now.',
  'Bind "price" again with sim.rebind, which tells what stands in the way.'),
  'a view that was dropped by hand is missed');
SELECT is(pg_temp.bind_price('SELECT amount FROM prices WHERE item = ''steel'''), 'no error', 'and made again');
SELECT is(split_part(error_of(
  $$SELECT sim.create_model('plant', E'input price = 1\noutput x = price', replace => true)$$), E'\n', 3),
  'A query supplies "market", which is neither a data block nor an input.', 'a text that bindings do not fit is refused');
SELECT lives_ok($$SELECT sim.unbind('plant', 'Price')$$, 'a binding is ended');
SELECT throws_ok($$SELECT sim.unbind('plant', 'price')$$, '42704', 'no query supplies "price" of model "plant"', 'once');

SELECT finish();
ROLLBACK;
