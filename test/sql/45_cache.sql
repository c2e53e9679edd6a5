-- 45_cache.sql -- the cache of results: who may look at it, empty it, and write to it.
BEGIN;
SELECT plan(20);

\ir common/error_of.sql
CREATE ROLE sim_test_eve;

-- what there is
SELECT results_eq('SELECT level FROM sim.cache_stats', ARRAY['session', 'table'],
  'a server without the library in shared_preload_libraries has two levels');
SELECT is(current_setting('sim.cache'), 'table', 'all levels are used');
SELECT is((SELECT relpersistence::text FROM pg_class WHERE oid = 'sim.stored_cache'::regclass), 'p',
  'the table is logged, so that a standby has it');
SELECT lives_ok('ALTER TABLE sim.stored_cache SET UNLOGGED', 'and can be made unlogged');
SELECT lives_ok('SELECT * FROM sim.cache_stats', 'which changes nothing else');
SELECT is((SELECT extconfig && ARRAY['sim.stored_cache'::regclass::oid] FROM pg_extension WHERE extname = 'pg_simulate'), false,
  'a dump leaves it out');

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

-- whoever may not write under a key cannot give others a wrong result
SELECT is(error_line('INSERT INTO sim.stored_cache VALUES (''\x00'', ''\x00'', now())'),
  '42501 permission denied for table stored_cache', 'nobody writes the table');
SELECT is(error_line('SELECT FROM sim.stored_cache'), '42501 permission denied for table stored_cache', 'nobody reads it');
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
