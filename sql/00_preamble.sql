-- 00_preamble.sql -- the two schemas of the extension.
--
-- sim holds what users call and look at.  sim_bindings holds the views that sim.bind makes: they belong to the users who
-- bound them, so that PostgreSQL tracks, protects, dumps and checks them as views of these users.
\echo Use "CREATE EXTENSION pg_simulate" to load this file. \quit

CREATE SCHEMA sim;
COMMENT ON SCHEMA sim IS 'models in the database: converge them, sample them in parallel workers';
GRANT USAGE ON SCHEMA sim TO PUBLIC;

CREATE SCHEMA sim_bindings;
COMMENT ON SCHEMA sim_bindings IS 'the views that sim.bind makes of queries; each belongs to the role that bound it';
GRANT USAGE, CREATE ON SCHEMA sim_bindings TO PUBLIC;
