-- 45_cache.sql -- the cache of results: who may look at it, empty it, and write to it.
BEGIN;
SELECT plan(29);

\ir common/error_of.sql
CREATE ROLE sim_test_eve;

-- what there is
SELECT results_eq('SELECT level FROM sim.cache_stats', ARRAY['session', 'table'],
  'a server without the library in shared_preload_libraries has two levels');
SELECT is(current_setting('sim.cache'), 'table', 'all levels are used');
SELECT results_eq($$SELECT relname::text COLLATE "default", relpersistence FROM pg_class WHERE oid IN ('sim.stored_cache'::regclass, 'sim.stored_cache_unlogged'::regclass)
  ORDER BY 1$$, $$VALUES ('stored_cache', 'p'::"char"), ('stored_cache_unlogged', 'u')$$, 'there is a logged table and an unlogged one');
SELECT is(current_setting('sim.cache_table_persistence'), 'logged', 'the logged one is used, so that a standby has it');
SELECT is((SELECT extconfig && ARRAY['sim.stored_cache'::regclass::oid, 'sim.stored_cache_unlogged'::regclass::oid] FROM pg_extension
  WHERE extname = 'pg_simulate'), false, 'a dump leaves both out');

-- each is written where it is the one to use
SELECT sim.create_model('one', E'input a ~ normal(80, 12)\noutput b = a');
SELECT count(*) FROM sim.warm('one', 100);
SELECT results_eq('SELECT (SELECT count(*) FROM sim.stored_cache), (SELECT count(*) FROM sim.stored_cache_unlogged)', 'VALUES (1::bigint, 0::bigint)',
  'the logged table is written');
SET LOCAL sim.cache_table_persistence = unlogged;
SELECT count(*) FROM sim.warm('one', 100, 2);
SELECT results_eq('SELECT (SELECT count(*) FROM sim.stored_cache), (SELECT count(*) FROM sim.stored_cache_unlogged)', 'VALUES (1::bigint, 1::bigint)',
  'or the unlogged one');
RESET sim.cache_table_persistence;
SELECT results_eq($$SELECT entries, bytes > 0, held > bytes FROM sim.cache_stats WHERE level = 'table'$$, 'VALUES (2::bigint, true, true)',
  'both are counted');

-- a result without percentiles has a key of its own
CREATE FUNCTION pg_temp.found(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
  FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
    CONTINUE WHEN line NOT LIKE '%Cache:%';
    RETURN btrim(line);
  END LOOP;
END $$;
CREATE TEMP TABLE kept AS SELECT mean FROM sim.monte_carlo('one', 200);
SELECT is(pg_temp.found('SELECT stddev FROM sim.monte_carlo(''one'', 200)'), 'Cache: 1 of 1 results found (session)', 'moments answer who asks for moments');
SELECT is(pg_temp.found('SELECT mean, median FROM sim.monte_carlo(''one'', 200)'), 'Cache: 0 of 1 results found', 'and nobody who asks for more');
DROP TABLE kept;
CREATE TEMP TABLE kept AS SELECT * FROM sim.monte_carlo('one', 300);
SELECT is(pg_temp.found('SELECT stddev FROM sim.monte_carlo(''one'', 300)'), 'Cache: 1 of 1 results found (session)', 'all statistics answer who asks for some');
SELECT is(pg_temp.found('SELECT p95 FROM sim.monte_carlo(''one'', 300)'), 'Cache: 1 of 1 results found (session)', 'and who asks for others');
SELECT results_eq('SELECT trials, mean, stddev, min, max FROM sim.monte_carlo(''one'', 300)', 'SELECT trials, mean, stddev, min, max FROM kept',
  'what is found is what was computed');
DROP TABLE kept;

-- settings
SELECT is(error_line('SET LOCAL sim.cache = attic'), '22023 invalid value for parameter "sim.cache": "attic"',
  'a level that does not exist');
SELECT is(error_line('SET LOCAL sim.cache_shared_size = ''1MB'''), '42602 invalid configuration parameter name "sim.cache_shared_size"',
  'shared memory has no size where there is none');
SET LOCAL ROLE sim_test_eve;
SELECT is(error_line('SET LOCAL sim.cache = off'), 'no error', 'anybody may do without the cache');
SELECT is(error_line('SET LOCAL sim.cache_session_size = ''1MB'''), 'no error', 'and choose the size of the own level');
SELECT is(error_line('SET LOCAL sim.cache_table_size = ''1MB'''), '42501 permission denied to set parameter "sim.cache_table_size"',
  'the others'' size is a superuser''s to choose');
SELECT is(error_line('SET LOCAL sim.cache_table_persistence = unlogged'),
  '42501 permission denied to set parameter "sim.cache_table_persistence"', 'and so is their table');

-- whoever may not write under a key cannot give others a wrong result
SELECT is(error_line('INSERT INTO sim.stored_cache VALUES (''\x00'', ''\x00'', now())'),
  '42501 permission denied for table stored_cache', 'nobody writes the table');
SELECT is(error_line('SELECT FROM sim.stored_cache'), '42501 permission denied for table stored_cache', 'nobody reads it');
SELECT is(error_line('SELECT FROM sim.stored_cache_unlogged'), '42501 permission denied for table stored_cache_unlogged', 'nor the other');
SELECT is(error_line('SELECT * FROM sim.cache_stats'), 'no error', 'anybody sees how full it is');
SELECT is(error_line('SELECT sim.cache_clear(''session'')'), 'no error', 'anybody may empty the own level');
SELECT is(error_line('SELECT sim.cache_clear()'), 'no error', 'which is all that is emptied by who may no more');
SELECT is(error_line('SELECT sim.cache_clear(''table'')'),
  '42501 permission denied to remove cached results that other sessions use', 'not what others use');
SELECT is(error_line('SELECT sim.cache_prune()'),
  '42501 permission denied to remove cached results that other sessions use', 'nor some of it');
RESET ROLE;
GRANT DELETE ON sim.stored_cache TO sim_test_eve;
SET LOCAL ROLE sim_test_eve;
SELECT is(error_line('SELECT sim.cache_clear(), sim.cache_prune()'), 'no error', 'who was granted DELETE may');
SELECT is(error_line('SELECT sim.cache_clear(''attic'')'), '22023 the cache has no level "attic"', 'a level that does not exist');

SELECT finish();
ROLLBACK;
