-- 70_result_views.sql -- result views: what they hold, when they are current, how they are refreshed, who may do what.
BEGIN;
SELECT plan(129);
\ir common/error_of.sql
SET client_min_messages = warning;

CREATE TABLE prices (item text PRIMARY KEY, price numeric NOT NULL, note text);
INSERT INTO prices VALUES ('steel', 100, NULL), ('copper', 8500, NULL);
SELECT sim.create_model('plant', $$
  input material = 100          range 0 to 10000
  input energy   ~ normal(80, 12)
  output total = 1.8 * material + energy
  output bill = energy
$$);
SELECT sim.bind('plant', 'material', 'SELECT price FROM prices WHERE item = ''steel''');
SELECT sim.create_scenario('plant', 'dear', '{"energy": 120}');

-- what it holds
SELECT lives_ok($$SELECT sim.create_result_view('cost', 'plant', trials => 1000, scenarios => ARRAY['*'],
  percentiles => ARRAY[0.995, 0.1, 0.05, 0.1])$$, 'a result view is made');
SELECT has_view('cost', 'as a plain view');
SELECT has_materialized_view('cost_stored', 'and a materialized view');
SELECT results_eq($$SELECT attname::text COLLATE "default", format_type(atttypid, -1) FROM pg_attribute
  WHERE attrelid = 'cost'::regclass AND attnum > 0 ORDER BY attnum$$,
  $$SELECT * FROM (VALUES ('scenario', 'text'), ('output', 'text'), ('step', 'integer'), ('trials', 'bigint'),
    ('failed_trials', 'bigint'), ('mean', 'double precision'), ('std_error', 'double precision'), ('stddev', 'double precision'),
    ('skewness', 'double precision'), ('kurtosis', 'double precision'), ('min', 'double precision'), ('p05', 'double precision'),
    ('p25', 'double precision'), ('median', 'double precision'), ('p75', 'double precision'), ('p95', 'double precision'),
    ('max', 'double precision'), ('p10', 'double precision'), ('p99_5', 'double precision'), ('state', 'text'),
    ('as_of', 'timestamp with time zone')) AS v (name, type)$$,
  'its columns are those of sim.monte_carlo, other percentiles, state and as_of');
SELECT set_eq('SELECT scenario, output, step, trials, mean, stddev, p05, median, max FROM cost',
  $$SELECT scenario, output, step, trials, mean, stddev, p05, median, max FROM sim.monte_carlo('plant', 1000, scenarios => ARRAY['*'])$$,
  'its rows are those of sim.monte_carlo');
SELECT set_eq($$SELECT scenario, output, p10 FROM cost$$,
  $$SELECT scenario, output, value FROM sim.percentiles('plant', ARRAY[0.1], 1000, scenarios => ARRAY['*'])$$,
  'and of sim.percentiles');
SELECT results_eq('SELECT DISTINCT state FROM cost', ARRAY['current'], 'they are current');
SELECT is((SELECT count(DISTINCT as_of) FROM cost WHERE as_of <= clock_timestamp()), 1::bigint, 'as of when they were computed');
SELECT is((SELECT indnullsnotdistinct AND indisunique FROM pg_index WHERE indrelid = 'cost_stored'::regclass), true,
  'an index holds each row once, with or without a step');
SELECT results_eq('SELECT name, model, state, reason, refresh, stored_in FROM sim.result_views',
  $$VALUES ('cost', 'plant', 'current', NULL, 'deferred', 'cost_stored'::regclass)$$, 'sim.result_views lists it');

-- stale where something changed that is read
SELECT sim.refresh_stale();
UPDATE prices SET price = 9000 WHERE item = 'copper';
SELECT results_eq('SELECT state FROM sim.result_views', ARRAY['current'], 'a change that leaves the values as they were changes nothing');
UPDATE prices SET price = 104 WHERE item = 'steel';
SELECT results_eq('SELECT DISTINCT output, state FROM cost ORDER BY output',
  $$VALUES ('bill', 'current'), ('total', 'stale')$$, 'rows that depend on what changed are stale, others are not');
SELECT results_eq('SELECT state, reason, table_name, column_name, changed_by FROM sim.result_views',
  $$VALUES ('stale', 'prices.price changed: material 100 -> 104', 'public.prices', 'price', session_user::text COLLATE "default")$$,
  'with what changed, where, and by whom');
SELECT cmp_ok((SELECT changed_at FROM sim.result_views), '>=', now(), 'and when');
UPDATE prices SET price = 100 WHERE item = 'steel';
SELECT results_eq('SELECT state FROM sim.result_views', ARRAY['current'], 'a change that is taken back leaves it current');
UPDATE prices SET price = 104 WHERE item = 'steel';

-- refreshing
SELECT results_eq('SELECT name, event, reason FROM sim.refresh_stale()',
  $$VALUES ('public.cost', 'refreshed', 'prices.price changed: material 100 -> 104')$$, 'sim.refresh_stale refreshes it and says why');
SELECT set_eq('SELECT scenario, output, mean, state FROM cost',
  $$SELECT scenario, output, mean, 'current' FROM sim.monte_carlo('plant', 1000, scenarios => ARRAY['*'])$$,
  'it then holds what would be computed');
SELECT is_empty('SELECT * FROM sim.refresh_stale()', 'and leaves alone what is current');
SELECT is(sim.refresh_result_view('cost'), false, 'so does sim.refresh_result_view');
UPDATE prices SET price = 105 WHERE item = 'steel';
SELECT is(sim.refresh_result_view('public.cost'), true, 'which refreshes one by name');
SELECT results_eq('SELECT state FROM sim.result_views', ARRAY['current'], 'whatever it is');
SELECT results_eq($$SELECT event, reason, table_name FROM sim.invalidation_log WHERE reason ~ 'price' ORDER BY began_at$$,
  $$VALUES ('refreshed', 'prices.price changed: material 100 -> 104', 'public.prices'),
    ('refreshed', 'prices.price changed: material 104 -> 105', 'public.prices')$$, 'sim.invalidation_log keeps it');
SELECT is_empty('SELECT FROM sim.invalidation_log WHERE duration IS NULL OR computed IS NULL OR reused IS NULL',
  'with how long it took and how much was computed');
SELECT results_eq($$SELECT computed, reused FROM sim.invalidation_log WHERE reason ~ 'price' ORDER BY began_at LIMIT 1$$,
  'VALUES (2::bigint, 2::bigint)', 'only what had changed');
SELECT throws_ok('SELECT sim.prune_invalidations(''-1 day'')', '22023', NULL, 'a negative age prunes nothing');
SELECT throws_ok('SELECT sim.prune_invalidations(NULL)', '22004', NULL, 'nor does none');
SELECT is((SELECT sim.prune_invalidations('0')), (SELECT count(*) FROM sim.invalidation_log), 'until it is pruned');

-- other causes
SELECT sim.create_scenario('plant', 'dear', '{"energy": 130}', replace => true);
SELECT results_eq('SELECT state, reason FROM sim.result_views', $$VALUES ('stale', 'scenario dear changed: energy 120 -> 130')$$,
  'a scenario that changed makes it stale');
SELECT results_eq('SELECT DISTINCT scenario, state FROM cost ORDER BY 1', $$VALUES ('base', 'current'), ('dear', 'stale')$$,
  'the scenario alone');
SELECT sim.refresh_stale();
SELECT sim.create_scenario('plant', 'dearest', '{"energy": 140}');
SELECT results_eq('SELECT state, reason FROM sim.result_views', $$VALUES ('stale', 'scenario dearest added')$$, 'so does a scenario more');
SELECT sim.refresh_stale();
SELECT is((SELECT count(*) FROM cost WHERE scenario = 'dearest'), 2::bigint, 'which a refresh adds');
SELECT sim.drop_scenario('plant', 'dearest');
SELECT results_eq('SELECT state, reason FROM sim.result_views', $$VALUES ('stale', 'scenario dearest gone')$$, 'and one less');
SELECT sim.refresh_stale();
SELECT is_empty('SELECT FROM cost WHERE scenario = ''dearest''', 'which a refresh takes away');
SELECT sim.create_model('plant', $$
  input material = 100          range 0 to 10000
  input energy   ~ normal(80, 12)
  output total = 1.9 * material + energy
  output bill = energy
$$, replace => true);
SELECT results_eq('SELECT state, reason, changed_by FROM sim.result_views',
  $$VALUES ('stale', 'model plant replaced: version 1 -> 2', current_user::text COLLATE "default")$$, 'so does another version of the model');
SELECT sim.refresh_stale();
SELECT sim.unbind('plant', 'material');
SELECT results_eq('SELECT state, reason FROM sim.result_views', $$VALUES ('stale', 'material unbound: 105 -> 100')$$, 'and the end of a binding');
SELECT sim.refresh_stale();
SELECT sim.bind('plant', 'material', 'SELECT price FROM prices WHERE item = ''steel''');
SELECT results_eq('SELECT state, reason FROM sim.result_views', $$VALUES ('stale', 'material bound: 100 -> 105')$$, 'and its beginning');
SELECT sim.refresh_stale();

-- failing
UPDATE prices SET price = -1 WHERE item = 'steel';
SELECT results_eq('SELECT state, reason FROM sim.result_views',
  $$VALUES ('failed', 'input "material" is -1 in row 1 of its query, outside its range 0 to 10000')$$, 'what cannot be computed has failed');
SELECT results_eq('SELECT DISTINCT output, state FROM cost ORDER BY output',
  $$VALUES ('bill', 'current'), ('total', 'failed')$$, 'also in the view, where what does not read it is current');
SELECT results_eq('SELECT name, event, reason FROM sim.refresh_stale()',
  $$VALUES ('public.cost', 'failed', 'input "material" is -1 in row 1 of its query, outside its range 0 to 10000')$$,
  'sim.refresh_stale goes on when one fails');
SELECT sim.create_model('still', 'output y = 1');
SELECT sim.create_result_view('still_life', 'still', trials => 1);
SELECT sim.create_model('still', 'output y = 2', replace => true);
SELECT results_eq('SELECT name FROM sim.refresh_stale(1)', ARRAY['public.still_life'], 'what failed comes last');
SELECT sim.drop_result_view('still_life');
SELECT results_eq('SELECT event FROM sim.refresh_stale()', ARRAY['failed'], 'but is tried again');
SELECT is((SELECT count(*) FROM sim.invalidation_log WHERE event = 'failed'), 1::bigint, 'which the log tells once');
SELECT throws_ok('SELECT sim.refresh_result_view(''cost'')', '22003', NULL, 'sim.refresh_result_view raises why');
SELECT results_eq('SELECT state FROM sim.read(NULL::cost) WHERE output = ''total'' GROUP BY 1', ARRAY['failed'],
  'sim.read gives what there is');
UPDATE prices SET price = 106 WHERE item = 'steel';
SELECT results_eq('SELECT state FROM sim.result_views', ARRAY['stale'], 'it is stale when it can be computed again');

SET sim.cache = off;
SELECT is(sim.refresh_result_view('cost'), true, 'it is refreshed without a cache too');
SET sim.cache = session;
UPDATE prices SET price = 107 WHERE item = 'steel';

-- sim.read
SELECT results_eq('SELECT DISTINCT state FROM sim.read(NULL::cost, ''1 hour'') WHERE output = ''total''', ARRAY['stale'],
  'sim.read gives rows that are not too old');
SELECT results_eq('SELECT DISTINCT state FROM sim.read(NULL::cost)', ARRAY['current'], 'and refreshes others first');
SELECT results_eq('SELECT state FROM sim.result_views', ARRAY['current'], 'for everybody');
SELECT throws_ok('SELECT * FROM sim.read(NULL::prices)', '42704', '"prices" is no result view', 'a table is no result view');
SELECT throws_ok('SELECT * FROM sim.read(NULL::integer)', '42804', NULL, 'nor is a type without one');

-- time
SELECT sim.create_model('path', $$
  steps 3 month
  input start = 100
  wealth[0] = start
  wealth[t] = wealth[t-1] * 1.01
  output wealth[t]
  output final = wealth[last]
$$);
SELECT sim.create_result_view('fan', 'path', trials => 10, refresh => 'manual', start_date => '2027-11-30');
SELECT results_eq('SELECT output, step, "time" FROM fan ORDER BY 1, 2',
  $$VALUES ('final', NULL, NULL), ('wealth', 0, '2027-11-30'::timestamptz), ('wealth', 1, '2027-12-30'), ('wealth', 2, '2028-01-30'),
    ('wealth', 3, '2028-02-29')$$, 'steps have a time, in the model''s own steps');
SET timezone = 'America/New_York';
SELECT results_eq('SELECT "time" FROM fan WHERE step = 1', ARRAY['2027-12-30 00:00 America/New_York'::timestamptz],
  'the same day for every reader');
SET timezone = 'UTC';
SELECT sim.create_result_view('fan2', 'path', trials => 10, refresh => 'manual', start_date => '2027-01-01', step_length => '1 day');
SELECT results_eq('SELECT "time" FROM fan2 WHERE step = 3', ARRAY['2027-01-04'::timestamptz], 'or in steps that are given');
SELECT throws_ok($$SELECT sim.create_result_view('bad', 'path', step_length => '1 day')$$, '22023', 'step_length needs a start_date',
  'the length of a step says nothing without a start');
SELECT throws_ok(format('SELECT sim.create_result_view(''bad'', ''path'', start_date => ''2027-01-01'', step_length => %L)', length), '22023',
  'step_length is ' || length::interval, 'time goes on from step to step') FROM (VALUES ('-1 month'), ('0'), ('1 month -31 days')) AS v (length);
SELECT throws_ok(format('SELECT sim.create_result_view(''bad'', ''path'', percentiles => ARRAY[%s]::float8[])', elements), '22004', 'a percentile must not be null',
  'no percentile is left out in silence') FROM (VALUES ('NULL'), ('0.1, NULL')) AS v (elements);
SELECT throws_ok($$SELECT sim.create_result_view('bad', 'plant', start_date => '2027-01-01')$$, '22023', 'model "plant" has no time',
  'without steps there is no time');
SELECT sim.create_model('path', $$
  steps 3 month
  input start = 200
  wealth[0] = start
  wealth[t] = wealth[t-1] * 1.01
  output wealth[t]
  output final = wealth[last]
$$, replace => true);
SELECT is_empty('SELECT * FROM sim.refresh_stale()', 'a manual view is not refreshed by others');
SELECT sim.refresh_stale();
SELECT results_eq($$SELECT reason FROM sim.invalidation_log WHERE event = 'stale' AND name = 'public.fan'$$,
  $$SELECT reason FROM sim.result_views WHERE name = 'fan'$$, 'but that it has become stale is noted, once');
SELECT results_eq('SELECT state FROM sim.result_views WHERE name = ''fan''', ARRAY['stale'], 'but says that it is stale');

DO $$BEGIN FOR i IN 1..1000 LOOP UPDATE prices SET price = i WHERE item = 'steel'; END LOOP; END$$;
SELECT is((SELECT count(*) FROM sim.refresh_stale()), 1::bigint, 'a thousand changes cost one refresh');

-- at the end of a transaction
SELECT sim.create_result_view('prompt', 'plant', trials => 1000, refresh => 'on_commit');
UPDATE prices SET price = 200 WHERE item = 'steel';
UPDATE prices SET price = 201 WHERE item = 'steel';
SELECT results_eq('SELECT state FROM prompt WHERE output = ''total''', ARRAY['stale'], 'stale while the transaction goes on');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT results_eq('SELECT mean, state FROM prompt WHERE output = ''total''',
  $$SELECT mean, 'current' FROM sim.monte_carlo('plant', 1000) WHERE output = 'total'$$, 'and refreshed at its end');
SELECT is((SELECT count(*) FROM sim.invalidation_log WHERE name = 'public.prompt' AND reason ~ 'price'), 1::bigint, 'once');
SET CONSTRAINTS ALL DEFERRED;
SAVEPOINT before;
UPDATE prices SET price = 202 WHERE item = 'steel';
ROLLBACK TO before;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT is((SELECT count(*) FROM sim.invalidation_log WHERE name = 'public.prompt' AND reason ~ 'price'), 1::bigint,
  'not for what was rolled back');
SELECT lives_ok('UPDATE prices SET price = -2 WHERE item = ''steel''', 'a refresh that fails does not fail the writer');
SELECT results_eq($$SELECT event, reason FROM sim.invalidation_log WHERE name = 'public.prompt' ORDER BY began_at DESC LIMIT 1$$,
  $$VALUES ('failed', 'input "material" is -2 in row 1 of its query, outside its range 0 to 10000')$$, 'the log tells it');
UPDATE prices SET price = 100 WHERE item = 'steel';
SELECT results_eq('SELECT DISTINCT state FROM prompt', ARRAY['current'], 'the next one mends it');
SELECT sim.create_model('plant', $$
  input material = 100          range 0 to 10000
  input energy   ~ normal(80, 12)
  output total = 2 * material + energy
  output bill = energy
$$, replace => true);
SELECT results_eq('SELECT DISTINCT state FROM prompt', ARRAY['current'], 'a change of the model refreshes it too');
SELECT is_empty('SELECT * FROM sim.stored_refresh_queue', 'the queue is empty afterwards');
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN UPDATE prices SET price = NEW.price; RETURN NULL; END$$;
CREATE TABLE list (price numeric);
CREATE TRIGGER touch AFTER INSERT ON list FOR EACH ROW EXECUTE FUNCTION touch();
INSERT INTO list VALUES (321);
SELECT results_eq('SELECT mean, state FROM prompt WHERE output = ''total''',
  $$SELECT mean, 'current' FROM sim.monte_carlo('plant', 1000) WHERE output = 'total'$$, 'also from within a trigger');

-- a table that is rebuilt
CREATE TABLE prices_next AS SELECT item, price + 1 AS price, note FROM prices;
DROP TABLE prices CASCADE;
SELECT results_eq('SELECT state FROM prompt WHERE output = ''total''', ARRAY['failed'], 'without its table a result view has failed');
ALTER TABLE prices_next RENAME TO prices;
SELECT results_eq($$SELECT mean, state FROM prompt WHERE output = 'total'$$,
  $$SELECT mean, 'current' FROM sim.monte_carlo('plant', 1000) WHERE output = 'total'$$, 'and is refreshed when it is back');
UPDATE prices SET price = 5 WHERE item = 'steel';
SELECT results_eq($$SELECT mean, state FROM prompt WHERE output = 'total'$$,
  $$SELECT mean, 'current' FROM sim.monte_carlo('plant', 1000) WHERE output = 'total'$$, 'and whenever it is changed');
CREATE TABLE regions (item text, price numeric) PARTITION BY LIST (item);
CREATE TABLE regions_steel PARTITION OF regions FOR VALUES IN ('steel');
INSERT INTO regions VALUES ('steel', 50);
SELECT sim.bind('plant', 'material', 'SELECT price FROM regions');
UPDATE regions_steel SET price = 51;
SELECT results_eq($$SELECT mean, state FROM prompt WHERE output = 'total'$$,
  $$SELECT mean, 'current' FROM sim.monte_carlo('plant', 1000) WHERE output = 'total'$$, 'a partition is part of the whole');
SELECT sim.bind('plant', 'material', 'SELECT price FROM prices WHERE item = ''steel''');

-- who may do what
CREATE ROLE sim_test_analyst;
CREATE ROLE sim_test_clerk;
CREATE ROLE sim_test_board;
GRANT CREATE ON SCHEMA public TO sim_test_analyst;
GRANT SELECT ON prices TO sim_test_analyst;
GRANT SELECT, UPDATE ON prices TO sim_test_clerk;
SET ROLE sim_test_analyst;
SELECT sim.create_model('own', E'input a = 1\noutput y = 10 * a');
SELECT sim.bind('own', 'a', 'SELECT price FROM prices WHERE item = ''steel''');
SELECT throws_ok($$SELECT sim.create_result_view('slow', 'own', refresh => 'on_commit')$$, '42501', NULL,
  'who may not put a trigger on a table cannot take its writers'' time');
SELECT sim.create_result_view('shown', 'own', trials => 10);
RESET ROLE;
GRANT TRIGGER ON prices TO sim_test_analyst;
SET ROLE sim_test_analyst;
SELECT sim.create_result_view('quick', 'own', trials => 10, refresh => 'on_commit');
GRANT SELECT ON quick, shown TO sim_test_board;
SET ROLE sim_test_clerk;
UPDATE prices SET price = 7 WHERE item = 'steel';
SELECT is_empty('SELECT FROM sim.result_views', 'a role sees no result views of others');
SELECT throws_ok('SELECT * FROM sim.result_keys(''quick'')', '42501', NULL, 'nor anything of them');
SELECT throws_ok('SELECT sim.refresh_for_reader(''shown'', ''0'')', '42501', NULL, 'nor may it have them refreshed');
RESET ROLE;
SELECT max(view_id) AS some_view FROM sim.stored_result_views \gset
SET ROLE sim_test_clerk;
SELECT throws_ok(format('SELECT sim.lock_result_view(%s)', :some_view), '42704', NULL, 'nor hold up who refreshes them');
SELECT throws_ok($$INSERT INTO sim.stored_result_views (name, view, relation, owner, model, seed, overrides, refresh)
  VALUES ('x', 'shown', 'shown_stored', 'sim_test_clerk', 'own', 1, '{}', 'manual')$$, '42501', NULL, 'nor enter them as its own');
SET ROLE sim_test_board;
SELECT results_eq('SELECT mean, state FROM quick', $$VALUES (70::float8, 'current')$$,
  'a writer without any rights refreshes, and a reader without any sees it');
SELECT results_eq('SELECT state FROM shown', ARRAY['stale'], 'a reader learns what is stale');
SELECT results_eq('SELECT mean, state FROM sim.read(NULL::shown)', $$VALUES (70::float8, 'current')$$, 'and has it refreshed');
RESET ROLE;

-- what others make of it
SET ROLE sim_test_analyst;
CREATE MATERIALIZED VIEW mine_stored AS SELECT 1 AS one;
SELECT throws_ok($$INSERT INTO sim.stored_result_views (name, view, relation, owner, model, seed, overrides, refresh)
  VALUES ('mine', 'cost'::regclass, 'mine_stored'::regclass, 'sim_test_analyst', 'own', 1, '{}', 'manual')$$, '42501', NULL,
  'nobody makes a view of somebody else''s part of his own');
SELECT throws_ok($$UPDATE sim.stored_result_views SET view = 'cost'::regclass WHERE name = 'public.shown'$$, '42501', NULL,
  'neither afterwards');
CREATE FUNCTION trap(text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN IF current_user <> 'sim_test_analyst' THEN RAISE 'run as %', current_user; END IF; RETURN $1; END $$;
CREATE INDEX ON shown_stored ((scenario || trap('x')));
RESET ROLE;
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''shown''', $$VALUES ('current', NULL::text)$$,
  'who asks for the state of all runs nothing that others have put beside theirs');

-- models of others
SELECT sim.create_model('lent', 'output y = 1');
SELECT sim.grant('lent', 'sim_test_analyst', 'run');
SET ROLE sim_test_analyst;
SELECT sim.create_result_view('borrowed', 'lent', trials => 10, refresh => 'on_commit');
RESET ROLE;
SELECT sim.create_model('lent', 'output y = 2', replace => true);
SELECT results_eq('SELECT mean, state FROM borrowed', $$VALUES (1::float8, 'stale')$$, 'who may only run a model cannot take its owner''s time');
SELECT sim.grant('lent', 'sim_test_analyst', 'edit');
SET ROLE sim_test_analyst;
SELECT sim.refresh_result_view('borrowed');
RESET ROLE;
SELECT sim.create_model('lent', 'output y = 3', replace => true);
SELECT results_eq('SELECT mean, state FROM borrowed', $$VALUES (3::float8, 'current')$$, 'who may edit it can');

-- the right to temporary tables
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) AS revoke \gset
:revoke;
SET ROLE sim_test_analyst;
SELECT is(error_line($$SELECT sim.create_result_view('never', 'own')$$), '42501 result view public.never could not be refreshed',
  'no view is made that no refresh would ever fill again');
RESET ROLE;
SELECT format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()) AS give_back \gset
:give_back;

-- where nothing can be written
/* What comes of a statement where nothing may be written: error_of, or its first value. */
CREATE FUNCTION pg_temp.unwritable(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text;
BEGIN
  BEGIN
    SET LOCAL transaction_read_only = on;
    found := error_of(statement);
    IF found = 'no error' THEN
      EXECUTE statement INTO found;
    END IF;
    RAISE division_by_zero;
  EXCEPTION WHEN division_by_zero THEN
    RETURN found;
  END;
END $$;
SELECT is(pg_temp.unwritable('SELECT sim.refresh_stale()'), E'25006\nno result view can be refreshed in a read-only transaction\n'
  'It takes a transaction that may write. View sim.result_views tells which are stale.', 'a read-only transaction refreshes nothing');
SELECT is(pg_temp.unwritable($$SELECT sim.refresh_result_view('borrowed')$$), E'25006\nno result view can be refreshed in a read-only transaction\n'
  'It takes a transaction that may write. sim.read gives its rows as they are.', 'neither by name');
SELECT is(pg_temp.unwritable($$SELECT sim.drop_result_view('borrowed')$$), E'25006\nno result view can be dropped in a read-only transaction\n'
  'It takes a transaction that may write.', 'nor drops any');
SELECT is(pg_temp.unwritable($$SELECT sim.run('lent')$$), E'25006\nno run can be stored in a read-only transaction\n'
  'It takes a transaction that may write. sim.monte_carlo computes here, too.', 'nor stores a run');
SELECT is(pg_temp.unwritable($$SELECT output FROM sim.warm('lent')$$), 'y', 'but warms what need not be stored');
SELECT is(pg_temp.unwritable('SELECT state FROM sim.read(NULL::borrowed)'), 'current', 'and reads');

-- tables that are tracked, or lent, after the result view was made
CREATE TABLE late (price float8);
INSERT INTO late VALUES (1);
GRANT SELECT ON late TO sim_test_analyst;
SET ROLE sim_test_analyst;
SELECT sim.create_model('late', E'input a = 1\noutput y = a');
SELECT sim.bind('late', 'a', 'SELECT price FROM late');
SELECT sim.create_result_view('late_shown', 'late', trials => 10, refresh => 'on_commit');
RESET ROLE;
SELECT sim.track('late');
UPDATE late SET price = 2;
SELECT results_eq('SELECT mean, state FROM late_shown', $$VALUES (1::float8, 'stale')$$, 'tracking a table for somebody lends him no time of its writers');
GRANT TRIGGER ON late TO sim_test_analyst;
UPDATE late SET price = 3;
SELECT results_eq('SELECT mean, state FROM late_shown', $$VALUES (3::float8, 'current')$$, 'the right does, from the next commit on');
REVOKE TRIGGER ON late FROM sim_test_analyst;
UPDATE late SET price = 4;
SELECT results_eq('SELECT mean, state FROM late_shown', $$VALUES (3::float8, 'stale')$$, 'as long as it lasts');
SELECT sim.refresh_result_view('late_shown');
UPDATE late SET price = 5;
SELECT results_eq('SELECT mean, state FROM late_shown', $$VALUES (4::float8, 'stale')$$, 'whoever refreshed the view in between');
SELECT sim.drop_result_view('late_shown');
SELECT sim.drop_model('late');
DROP TABLE late;

-- models that are renamed
SELECT sim.create_model('Old Name', 'output y = 1');
SELECT sim.grant('old name', 'sim_test_analyst', 'run');
SET ROLE sim_test_analyst;
SELECT sim.create_result_view('follows', 'old name', trials => 10);
SELECT sim.create_result_view('pinned', 'old name@1', trials => 10);
RESET ROLE;
SELECT sim.rename_model('old name', 'New Name');
SELECT sim.create_model('old name', 'output y = 5');
SELECT sim.grant('old name', 'sim_test_analyst', 'run');
SELECT results_eq($$SELECT name, model, state FROM sim.result_views WHERE name IN ('follows', 'pinned') ORDER BY 1$$,
  $$VALUES ('follows', '"new name"', 'current'), ('pinned', '"new name"@1', 'current')$$, 'a result view follows its model to another name');
SELECT sim.create_model('new name', 'output y = 2', replace => true);
SELECT results_eq('SELECT f.state, p.state FROM follows AS f, pinned AS p', $$VALUES ('stale', 'current')$$, 'to its next version, too');
SET ROLE sim_test_analyst;
SELECT is(sim.refresh_result_view('follows'), true, 'and is refreshed');
RESET ROLE;
SELECT results_eq('SELECT mean, state FROM follows', $$VALUES (2::float8, 'current')$$, 'from it, not from who has its old name');
SELECT sim.drop_model('new name');
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''follows''',
  $$VALUES ('failed', 'model "new name" does not exist')$$, 'when it is dropped');
SELECT sim.create_model('new name', 'output y = 3');
SELECT sim.grant('new name', 'sim_test_analyst', 'run');
SET ROLE sim_test_analyst;
SELECT sim.refresh_result_view('follows');
RESET ROLE;
SELECT sim.rename_model('new name', 'newer');
SELECT results_eq($$SELECT mean, state FROM follows$$, $$VALUES (3::float8, 'current')$$, 'the next one of its name is followed as well');
SELECT sim.run('newer', 10, name => 'kept') IS NOT NULL AS done \g /dev/null
SELECT sim.rename_model('newer', 'newest');
SELECT sim.create_model('newer', 'output y = 7');
SELECT sim.grant('newer', 'sim_test_analyst', 'run');
SELECT sim.drop_model('newest');
SELECT results_eq($$SELECT model, state, reason FROM sim.result_views WHERE name = 'follows'$$,
  $$VALUES ('newest', 'failed', 'model "newest" does not exist')$$, 'but not one of a name that it had before');
SELECT results_eq($$SELECT model FROM sim.runs WHERE name = 'kept'$$, $$VALUES ('newest')$$, 'nor are its runs those of another model');

-- names, dropping, errors
ALTER VIEW fan2 RENAME TO other;
SELECT throws_ok($$SELECT sim.drop_result_view('public.fan2')$$, '42704', NULL, 'a result view has one name, its own');
SELECT results_eq('SELECT state FROM sim.result_views WHERE name = ''other''', ARRAY['stale'], 'which can be another');
ALTER VIEW other RENAME TO fan2;
SELECT throws_ok($$SELECT sim.create_result_view('cost', 'plant')$$, '42P07', 'relation public.cost already exists', 'a name that is taken');
DROP VIEW borrowed;
SELECT throws_ok($$SELECT sim.create_result_view('borrowed', 'lent')$$, '42P07', 'relation public.borrowed_stored already exists',
  'also if only by what is left of another');
SELECT lives_ok($$SELECT sim.drop_result_view('borrowed')$$, 'which is dropped by its name');
SELECT hasnt_materialized_view('borrowed_stored', 'with the rest');
SET ROLE sim_test_board;
SELECT throws_ok($$SELECT sim.refresh_result_view('quick')$$, '42501', 'must be owner of result view public.quick',
  'who may read a result view may not refresh it as its owner');
SELECT throws_ok($$SELECT sim.drop_result_view('quick', if_exists => true)$$, '42501', 'must be owner of result view public.quick', 'nor drop it');
RESET ROLE;
REVOKE USAGE ON SCHEMA sim FROM PUBLIC;
SELECT throws_ok('SELECT * FROM quick', '42501', 'role "sim_test_analyst", which owns "quick_stored", cannot look for its result view',
  'an owner who may not use the extension');
GRANT USAGE ON SCHEMA sim TO PUBLIC;
SELECT throws_ok($$SELECT sim.create_result_view('x', 'plant', refresh => 'now')$$, '22023', NULL, 'a mode that does not exist');
SELECT throws_ok($$SELECT sim.create_result_view('x', 'nowhere')$$, '42704', NULL, 'a model that does not exist');
SELECT throws_ok($$SELECT sim.drop_result_view('x')$$, '42704', 'result view "x" does not exist', 'a result view that does not exist');
SELECT lives_ok($$SELECT sim.drop_result_view('x', if_exists => true)$$, 'may be dropped if it exists');
SELECT sim.drop_result_view('fan2');
SELECT hasnt_materialized_view('fan2_stored', 'a result view is dropped with its materialized view');
DROP MATERIALIZED VIEW fan_stored CASCADE;
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''public.fan''',
  $$VALUES ('failed', 'its relations were dropped without sim.drop_result_view')$$, 'one that was dropped by hand says so');
SELECT sim.create_result_view('fan', 'path', trials => 10);
SELECT results_eq('SELECT state FROM sim.result_views WHERE name = ''fan''', ARRAY['current'], 'and can be made again');
SELECT sim.drop_model('path');
SELECT results_eq('SELECT state, reason FROM sim.result_views WHERE name = ''fan''', $$VALUES ('failed', 'model "path" does not exist')$$,
  'a result view outlives its model, and says so');

SELECT finish();
ROLLBACK;
