-- 25_tracking.sql -- what makes a binding tracked, untracked or broken, which triggers it has, and who may place them.
BEGIN;
SELECT plan(92);

\ir common/error_of.sql
/* Binds a query to input a and tells its state. */
CREATE FUNCTION pg_temp.state_of(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  PERFORM sim.bind('m', 'a', query);
  RETURN (SELECT concat_ws(': ', b.state, b.reason) FROM sim.bindings AS b WHERE b.model = 'm' AND b.name = 'a');
END $$;
CREATE FUNCTION pg_temp.state() RETURNS text LANGUAGE sql AS
  $$SELECT concat_ws(': ', state, reason) FROM sim.bindings WHERE model = 'm' AND name = 'a'$$;
/* The triggers of a table: what they fire for. */
CREATE FUNCTION pg_temp.triggers_of(relation regclass) RETURNS text LANGUAGE sql AS $$
  SELECT string_agg(concat_ws(' ', replace(t.tgname, 'sim_change_', ''),
    (SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute AS a
     WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr))), ' ' ORDER BY t.tgname)
  FROM pg_trigger AS t WHERE t.tgrelid = relation AND t.tgenabled = 'A' AND t.tgfoid = 'sim.record_change'::regproc $$;
CREATE FUNCTION pg_temp.value() RETURNS float8 LANGUAGE sql AS
  $$SELECT value FROM sim.converge('m') WHERE variable = 'y'$$;
CREATE FUNCTION pg_temp.changes_of(relation regclass) RETURNS bigint LANGUAGE sql AS
  $$SELECT count(*) FROM sim.stored_changes AS c WHERE c.relation = changes_of.relation$$;

CREATE ROLE sim_test_owner;
CREATE ROLE sim_test_binder;
GRANT CREATE, USAGE ON SCHEMA public TO sim_test_owner, sim_test_binder;
CREATE TABLE price (item text PRIMARY KEY, value float8, note text);
INSERT INTO price VALUES ('steel', 2, 'x');
CREATE VIEW named AS SELECT item AS name, value FROM price;
CREATE VIEW named_again AS SELECT * FROM named;
SELECT sim.create_model('m', E'input a = 1\ninput b = 1\noutput y = 10 * a + b');

-- states
SELECT is(pg_temp.state_of('SELECT 7'), 'tracked', 'what reads no table is tracked');
SELECT is(pg_temp.state_of('SELECT value FROM price'), 'tracked', 'so is what reads one');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate update value', 'which has triggers for the columns read');
SELECT is(pg_temp.state_of('SELECT count(*) FROM price'), 'tracked', 'a count');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate', 'needs none for updates');
SELECT is(pg_temp.state_of('SELECT count(p) FROM price AS p'), 'tracked', 'a whole row');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate update', 'needs them for all');
SELECT is(pg_temp.state_of('SELECT value FROM named_again WHERE name = ''steel'''), 'tracked', 'views on views');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate update item,value', 'are seen through');
SELECT results_eq('SELECT name, relation, relation_name, columns, tracked, reason FROM sim.binding_sources',
  $$VALUES ('a', 'price'::regclass, 'public.price', ARRAY['item', 'value'], true, NULL)$$, 'to their table');
SELECT lives_ok($$SELECT sim.bind('m', 'b', 'SELECT length(note) FROM price')$$, 'another binding');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate update item,note,value', 'adds its columns');
SELECT lives_ok($$SELECT sim.unbind('m', 'b')$$, 'when it ends');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate update item,value', 'they go, and the triggers stay for the other');
SELECT lives_ok($$SELECT sim.unbind('m', 'a')$$, 'and with the last');
SELECT is(pg_temp.triggers_of('price'), NULL, 'they go');

-- what may change unseen
SELECT is(pg_temp.state_of('SELECT extract(epoch FROM now())'), 'untracked: function extract is not immutable', 'the clock');
SELECT is(pg_temp.state_of('SELECT count(*) FROM pg_class'), 'untracked: system catalog pg_class changes unseen', 'a catalog');
CREATE FUNCTION hidden() RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN (SELECT max(value) FROM public.price); END';
SELECT is(pg_temp.state_of('SELECT hidden()'), 'untracked: function hidden may read tables unseen', 'a function that may read');
UPDATE price SET value = 3;
SELECT is(pg_temp.value(), 31::float8, 'is asked at each use');
CREATE UNLOGGED TABLE fast AS SELECT 1 AS value;
SELECT is(pg_temp.state_of('SELECT value FROM fast'), 'untracked: fast is unlogged: a crash empties it without a trace', 'an unlogged table');
SELECT is(pg_temp.state_of('SELECT count(*) FROM price TABLESAMPLE SYSTEM (50)'), 'untracked: it takes a sample of a table', 'a sample');
CREATE SEQUENCE counter;
SELECT is(pg_temp.state_of('SELECT last_value FROM counter'), 'untracked: counter is no table', 'a sequence');
CREATE TABLE secret (value float8);
INSERT INTO secret VALUES (1);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY;
SELECT is(pg_temp.state_of('SELECT value FROM secret'), 'untracked: row-level security of secret may depend on settings', 'row-level security');
ALTER TABLE secret DISABLE ROW LEVEL SECURITY;
SELECT is(pg_temp.state(), 'untracked: secret has no change triggers', 'and when it is gone');
SELECT lives_ok($$SELECT sim.track('secret')$$, 'the table is tracked when asked');
SELECT is(pg_temp.state(), 'tracked', 'from then on');
ALTER TABLE secret ADD CONSTRAINT positive CHECK (value > 0);
SELECT is(pg_temp.state(), 'tracked', 'another change of its definition does not end it');
DROP TRIGGER sim_change_insert ON secret;
SELECT is(pg_temp.state(), 'untracked: secret has no change triggers', 'dropping a trigger does');
SELECT lives_ok($$SELECT sim.unbind('m', 'a')$$, 'unbound');
SELECT is(pg_temp.triggers_of('secret'), NULL, 'the rest of them goes');

-- the log
SELECT is(pg_temp.state_of('SELECT value FROM price WHERE item = ''steel'''), 'tracked', 'bound again');
CREATE TEMP TABLE before AS SELECT pg_temp.changes_of('price') AS changes;
UPDATE price SET note = 'y';
SELECT is(pg_temp.changes_of('price') - changes, 0::bigint, 'an update of what is not bound writes nothing') FROM before;
SELECT is(pg_temp.value(), 31::float8, 'and the value is as it was');
DO $$ BEGIN FOR i IN 1..1000 LOOP UPDATE price SET value = i; END LOOP; END $$;
SELECT cmp_ok(pg_temp.changes_of('price') - changes, '<=', 1::bigint, 'a thousand updates write one row at most') FROM before;
SELECT is(pg_temp.value(), 10001::float8, 'and are seen');
SELECT throws_ok('SELECT sim.record_change()', '39P01', NULL, 'the trigger''s function is for triggers');
SET LOCAL ROLE sim_test_binder;
SELECT throws_ok($$INSERT INTO sim.stored_changes VALUES (0, '1', now(), 'sim_test_binder', 'x')$$, '42501', NULL, 'nobody else writes the log');
SELECT is_empty($$SELECT FROM sim.stored_changes WHERE relation = 'price'::regclass$$, 'nor sees the changes of tables that he may not read');
SELECT throws_ok('SELECT sim.prune_changes()', '42501', NULL, 'nor prunes it');
SELECT throws_ok('SELECT sim.prune_changes(''-1 day'')', '22023', NULL, 'a negative age is none');
SELECT throws_ok('SELECT FROM sim.stored_readings', '42501', NULL, 'nor sees what was read');
RESET ROLE;

-- rights
SET LOCAL ROLE sim_test_owner;
CREATE TABLE stock (item text, value float8);
INSERT INTO stock VALUES ('steel', 5);
GRANT SELECT ON stock TO sim_test_binder;
SET LOCAL ROLE sim_test_binder;
SELECT sim.create_model('binders', E'input a = 1\noutput y = 10 * a');
SELECT lives_ok($$SELECT sim.bind('binders', 'a', 'SELECT value FROM stock')$$, 'who may only read a table may bind it');
SELECT results_eq($$SELECT state, reason FROM sim.bindings$$, $$VALUES ('untracked', 'stock has no change triggers')$$, 'untracked');
SELECT is(error_of($$SELECT sim.track('stock')$$), concat_ws(E'\n', '42501', 'permission denied to track public.stock',
  'Tracking a table makes triggers on it.', 'Have its owner call sim.track, or grant you TRIGGER on it.'), 'and may not track it');
SET LOCAL ROLE sim_test_owner;
SELECT lives_ok($$SELECT sim.track('stock')$$, 'its owner may');
UPDATE stock SET value = 6;
SELECT throws_ok($$SELECT sim.track('sim.models')$$, '42809', 'sim.models is not a table', 'a view is no table');
SELECT throws_ok($$SELECT sim.track(NULL)$$, '22004', 'relation must not be null', 'NULL is none');
SET LOCAL ROLE sim_test_binder;
SELECT results_eq($$SELECT state, reason FROM sim.bindings$$, $$VALUES ('tracked', NULL::text)$$, 'then it is tracked');
SELECT is((SELECT value FROM sim.converge('binders') WHERE variable = 'y'), 60::float8, 'and followed');
SELECT is_empty($$SELECT sim.unbind('binders', 'a') WHERE false$$, 'nothing has ended it');
SELECT lives_ok($$SELECT sim.unbind('binders', 'a')$$, 'who may not drop triggers may unbind');
SELECT isnt(pg_temp.triggers_of('stock'), NULL, 'which leaves them idle');
SET LOCAL ROLE sim_test_owner;
SELECT lives_ok($$SELECT sim.track('stock')$$, 'until the owner calls again');
SELECT is(pg_temp.triggers_of('stock'), NULL, 'and they are gone');
-- whose table it is
SELECT lives_ok($$SELECT sim.track('stock')$$, 'nothing is idle');
SET LOCAL ROLE sim_test_binder;
SELECT sim.bind('binders', 'a', 'SELECT value FROM stock');
SET LOCAL ROLE sim_test_owner;
DROP TABLE stock CASCADE;
RESET ROLE;
CREATE ROLE sim_test_stranger;
GRANT CREATE ON SCHEMA public TO sim_test_stranger;
SET LOCAL ROLE sim_test_stranger;
CREATE VIEW stock AS SELECT 'steel' AS item, length(current_user)::float8 AS value;
GRANT SELECT ON stock TO PUBLIC;
SET LOCAL ROLE sim_test_binder;
SELECT is((SELECT state FROM sim.bindings), 'broken', 'what a stranger puts in the place of a table is not read');
SELECT lives_ok($$SELECT sim.rebind('binders', 'a')$$, 'unless who binds says so');
SELECT is((SELECT value FROM sim.converge('binders') WHERE variable = 'y'), 150::float8, 'with his rights');
RESET ROLE;
DROP VIEW stock CASCADE;
SET LOCAL ROLE sim_test_stranger;
CREATE TABLE stock (value float8);
INSERT INTO stock VALUES (1);
GRANT SELECT ON stock TO PUBLIC;
SET LOCAL ROLE sim_test_binder;
SELECT is((SELECT value FROM sim.converge('binders') WHERE variable = 'y'), 10::float8, 'what its owner replaces is');
RESET ROLE;
SELECT throws_ok($$SELECT sim.rebind('binders', 'a')$$, '42501', 'the query for "a" is of another role', 'nobody runs the query of another role with his own rights');
CREATE TABLE theirs (value float8);
INSERT INTO theirs VALUES (1);
SELECT sim.create_model('trusting', E'input a = 1\noutput y = a');
SELECT sim.bind('trusting', 'a', 'SELECT value FROM theirs');
DROP TABLE theirs CASCADE;
SET LOCAL ROLE sim_test_stranger;
CREATE VIEW theirs AS SELECT 2::float8 AS value;
GRANT SELECT ON theirs TO PUBLIC;
RESET ROLE;
SELECT results_eq($$SELECT state, reason FROM sim.bindings WHERE model = 'trusting'$$,
  $$VALUES ('broken', 'public.theirs belongs to sim_test_stranger, another role than when it was bound')$$,
  'a superuser does not trust all whose rights he has');
SELECT is(error_of($$SELECT sim.converge('trusting')$$), concat_ws(E'\n', '55000', 'the query that supplies "a" cannot be read',
  'public.theirs belongs to sim_test_stranger, another role than when it was bound.',
  'Bind it to what is there now with sim.rebind, or anew with sim.bind.'), 'and is told whose it is');
SELECT sim.drop_model('trusting');
DROP VIEW theirs;

-- not made again
CREATE TABLE moved (value float8);
INSERT INTO moved VALUES (1);
SELECT sim.create_model('moving', E'input a = 1\noutput y = a');
SELECT sim.bind('moving', 'a', 'SELECT value FROM moved');
DROP TABLE moved CASCADE;
CREATE TABLE moved (cost float8);
SELECT results_eq($$SELECT state, reason FROM sim.bindings WHERE model = 'moving'$$,
  $$VALUES ('broken', 'its view cannot be made again: column moved.value does not exist')$$,
  'a table of the name without the column mends nothing, and it is told which');
SELECT is(error_of($$SELECT sim.converge('moving')$$), concat_ws(E'\n', '55000', 'the view that supplies "a" is gone',
  'All that its query names is there, but the view was dropped, or could not be made again over what has these names now.',
  'Bind "a" again with sim.rebind, which tells what stands in the way.'), 'and the model says what to do');
SELECT throws_ok($$SELECT sim.rebind('moving', 'a')$$, '42703', NULL, 'which tells the reason');
SELECT sim.drop_model('moving');
DROP TABLE moved;

-- rights of the owner
CREATE SCHEMA sim_test_schema;
GRANT USAGE ON SCHEMA sim_test_schema TO sim_test_binder, sim_test_stranger;
CREATE TABLE sim_test_schema.costs (item text, eur float8, note text);
INSERT INTO sim_test_schema.costs VALUES ('steel', 4, '');
GRANT SELECT (item, eur), TRIGGER ON sim_test_schema.costs TO sim_test_binder;
GRANT SELECT ON sim_test_schema.costs TO sim_test_stranger;
GRANT CREATE ON SCHEMA sim_test_schema TO sim_test_stranger;
CREATE FUNCTION sim_test_schema.twice(a float8) RETURNS float8 LANGUAGE internal IMMUTABLE AS 'float8up';
SET LOCAL ROLE sim_test_stranger;
CREATE VIEW sim_test_schema.shown AS SELECT eur FROM sim_test_schema.costs;
GRANT SELECT ON sim_test_schema.shown TO sim_test_binder;
SET LOCAL ROLE sim_test_binder;
SELECT sim.bind('binders', 'a', 'SELECT sim_test_schema.twice(c.eur) FROM sim_test_schema.costs AS c WHERE item = ''steel''');
SELECT sim.create_model('through', E'input a = 1\noutput y = a');
SELECT sim.bind('through', 'a', 'SELECT eur FROM sim_test_schema.shown');
CREATE FUNCTION pg_temp.rights() RETURNS text LANGUAGE sql AS
  $$SELECT string_agg(concat_ws(' ', model, state, reason), ', ' ORDER BY model) FROM sim.bindings WHERE model IN ('binders', 'through')$$;
SELECT is(pg_temp.rights(), 'binders tracked, through tracked', 'rights on the columns that are read are enough');
RESET ROLE;
REVOKE SELECT (eur) ON sim_test_schema.costs FROM sim_test_binder;
SET LOCAL ROLE sim_test_binder;
SELECT is(pg_temp.rights(), 'binders broken permission denied for table costs, through tracked', 'without one of them it is broken');
SELECT is(error_line($$SELECT sim.converge('binders')$$), '42501 permission denied for table costs', 'as the model says');
RESET ROLE;
GRANT SELECT ON sim_test_schema.costs TO sim_test_binder;
REVOKE SELECT ON sim_test_schema.costs FROM sim_test_stranger;
REVOKE USAGE ON SCHEMA sim_test_schema FROM sim_test_binder;
SET LOCAL ROLE sim_test_binder;
SELECT is(pg_temp.rights(), 'binders tracked, through broken permission denied for table costs', 'inside a view the rights of its owner count');
SELECT is(error_line($$SELECT sim.converge('binders')$$), 'no error', 'a view needs no right on the schemas of what it names');
SELECT is(error_line($$SELECT sim.converge('through')$$), '42501 permission denied for table costs', 'but those on tables');
RESET ROLE;
GRANT SELECT ON sim_test_schema.costs TO sim_test_stranger;
REVOKE EXECUTE ON FUNCTION sim_test_schema.twice FROM PUBLIC;
REVOKE SELECT ON sim_test_schema.shown FROM sim_test_binder;
SET LOCAL ROLE sim_test_binder;
SELECT is(pg_temp.rights(), 'binders broken permission denied for function twice, through broken permission denied for view shown',
  'functions and views have rights, too');
SELECT is(error_line($$SELECT sim.converge('binders')$$), '42501 permission denied for function twice', 'which the server asks for');
RESET ROLE;
GRANT EXECUTE ON FUNCTION sim_test_schema.twice TO sim_test_binder;
GRANT SELECT ON sim_test_schema.shown TO sim_test_binder;
SET LOCAL ROLE sim_test_binder;
SELECT is(pg_temp.rights(), 'binders tracked, through tracked', 'what is granted again is tracked again');
SELECT sim.drop_model('through');
RESET ROLE;

-- made again
DROP TABLE price CASCADE;
SELECT is(pg_temp.state(), 'broken: public.price was dropped', 'a table that is dropped breaks what reads it');
SELECT is(error_of('SELECT pg_temp.value()'), concat_ws(E'\n', '55000', 'the query that supplies "a" cannot be read',
  'public.price was dropped.', 'Bind it to what is there now with sim.rebind, or anew with sim.bind.'), 'and the model says so');
CREATE TABLE price (item text, value numeric);
INSERT INTO price VALUES ('steel', 8);
SELECT is(concat_ws(' ', pg_temp.state(), pg_temp.value()), 'tracked 81', 'one of its name mends it');
ALTER TABLE price RENAME TO price_2;
SELECT is(concat_ws(' ', pg_temp.state(), pg_temp.value()), 'tracked 81', 'a table that is renamed is followed');
CREATE TABLE price (item text, cost numeric);
SELECT is(pg_temp.state(), 'broken: public.price is not what was bound under this name',
  'until another has its name, which here lacks the column');
ALTER TABLE price RENAME cost TO value;
INSERT INTO price VALUES ('steel', 9);
SELECT is(concat_ws(' ', pg_temp.state(), pg_temp.value()), 'tracked 91', 'until it has it');
SELECT is(pg_temp.triggers_of('price_2'), NULL, 'and the other one is left alone');
SELECT sim.bind('m', 'b', 'SELECT value + 1 FROM price');
SELECT throws_ok('ALTER TABLE price ALTER value TYPE float8', '0A000', NULL, 'a change of type is blocked');
SELECT lives_ok($$SELECT sim.rebind('m', 'a', 'ALTER TABLE price ALTER value TYPE float8')$$, 'but through sim.rebind');
SELECT results_eq($$SELECT state FROM sim.bindings WHERE model = 'm'$$, ARRAY['tracked', 'tracked'], 'which mends all bindings');
SELECT is(pg_temp.triggers_of('price'), 'delete insert truncate update item,value', 'with their triggers');
SELECT is(pg_temp.value(), 100::float8, 'and the value is as it was');
SELECT throws_ok($$SELECT sim.rebind('m', 'a', 'ALTER TABLE price DROP value')$$, '42703', NULL, 'a change that takes its column is refused');
ALTER EVENT TRIGGER sim_record_drop DISABLE;
SELECT is(pg_temp.state(), 'untracked: event trigger sim_record_drop is disabled', 'without event triggers nothing is tracked');
ALTER EVENT TRIGGER sim_record_drop ENABLE ALWAYS;
SELECT is(pg_temp.state(), 'tracked', 'with them it is');
SELECT lives_ok($$SELECT sim.rebind('m', 'a')$$, 'it can be bound again by hand');
SELECT throws_ok($$SELECT sim.rebind('m', 'c')$$, '42704', 'no query supplies "c" of model "m"', 'if there is one');

SELECT finish();
ROLLBACK;
