-- 45_cache.sql -- results by the hash of all they depend on: the tables that keep them, and looking at them.
--
-- sim.cache_table_persistence says which of the two tables is used.  Nobody has privileges on them, row-level security has no
-- policy, and the library reads and writes them by itself: a result is believed because of the key it stands under.  They are no
-- configuration of the extension: a dump leaves them out.

CREATE TABLE sim.stored_cache (
  key bytea NOT NULL,
  payload bytea NOT NULL,
  put_at timestamptz NOT NULL
) USING heap WITH (toast_tuple_target = 128);
COMMENT ON TABLE sim.stored_cache IS 'results computed before, by what they depend on';
COMMENT ON COLUMN sim.stored_cache.key IS 'SHA-256 of all that the result depends on; two rows with one key have the same content';
COMMENT ON COLUMN sim.stored_cache.payload IS 'the result, as the library keeps it, with a checksum';
COMMENT ON COLUMN sim.stored_cache.put_at IS 'when it was put here';
ALTER TABLE sim.stored_cache ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX stored_cache_by_key ON sim.stored_cache (key);
ALTER TABLE sim.stored_cache ENABLE ROW LEVEL SECURITY;

CREATE UNLOGGED TABLE sim.stored_cache_unlogged (
  key bytea NOT NULL,
  payload bytea NOT NULL,
  put_at timestamptz NOT NULL
) USING heap WITH (toast_tuple_target = 128);
COMMENT ON TABLE sim.stored_cache_unlogged IS 'results computed before, where they need not survive a crash of the server';
COMMENT ON COLUMN sim.stored_cache_unlogged.key IS 'as in sim.stored_cache';
COMMENT ON COLUMN sim.stored_cache_unlogged.payload IS 'as in sim.stored_cache';
COMMENT ON COLUMN sim.stored_cache_unlogged.put_at IS 'as in sim.stored_cache';
ALTER TABLE sim.stored_cache_unlogged ALTER COLUMN payload SET STORAGE EXTERNAL;
CREATE INDEX stored_cache_unlogged_by_key ON sim.stored_cache_unlogged (key);
ALTER TABLE sim.stored_cache_unlogged ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION sim.list_cache_levels()
RETURNS TABLE(level text, hits bigint, misses bigint, puts bigint, evictions bigint, entries bigint, bytes bigint, held bigint)
AS 'MODULE_PATHNAME', 'sim_list_cache_levels'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION sim.list_cache_levels() IS 'what sim.cache_stats shows';

CREATE FUNCTION sim.cache_clear(level text DEFAULT NULL)
RETURNS void
AS 'MODULE_PATHNAME', 'sim_cache_clear'
LANGUAGE C VOLATILE;
COMMENT ON FUNCTION sim.cache_clear(text)
IS 'removes the results that a level of the cache, or each level that the caller may empty, has of this session or this database; those of other databases stay';

CREATE FUNCTION sim.cache_prune()
RETURNS bigint
AS 'MODULE_PATHNAME', 'sim_cache_prune'
LANGUAGE C VOLATILE STRICT;
COMMENT ON FUNCTION sim.cache_prune()
IS 'deletes results that are too old or too many from the tables of the cache, and returns how many';

CREATE VIEW sim.cache_stats WITH (security_invoker = true) AS
  SELECT level, hits, misses, puts, evictions, entries, bytes, held
  FROM sim.list_cache_levels();
COMMENT ON VIEW sim.cache_stats IS 'use of the cache of results, level by level';
COMMENT ON COLUMN sim.cache_stats.level IS 'session: of this session; shared: of all sessions, where the library is preloaded; table: sim.stored_cache and sim.stored_cache_unlogged';
COMMENT ON COLUMN sim.cache_stats.hits IS 'results found here, since the session began; of shared, and of table where the library is preloaded, by all sessions of all databases since the server started';
COMMENT ON COLUMN sim.cache_stats.misses IS 'results looked for and not found here, counted as hits are';
COMMENT ON COLUMN sim.cache_stats.puts IS 'results put here, counted as hits are';
COMMENT ON COLUMN sim.cache_stats.evictions IS 'results that had to leave, for their age or for want of room, counted as hits are';
COMMENT ON COLUMN sim.cache_stats.entries IS 'results that are here: of shared those of all databases, of table those of this one; NULL where the table cannot be read at the moment';
COMMENT ON COLUMN sim.cache_stats.bytes IS 'memory or room that these entries take; NULL where the table cannot be read at the moment';
COMMENT ON COLUMN sim.cache_stats.held IS 'memory or room that the level has, free places included; NULL where the table cannot be read at the moment';
GRANT SELECT ON sim.cache_stats TO PUBLIC;
