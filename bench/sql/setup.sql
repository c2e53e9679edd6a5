-- setup.sql -- tables and models of the benchmarks; expects the models' texts as psql variables.

CREATE EXTENSION pg_simulate;

CREATE TABLE market (month date PRIMARY KEY, stock float8 NOT NULL, bond float8 NOT NULL, inflation float8 NOT NULL);
CREATE TABLE grid (place integer PRIMARY KEY, energy float8 NOT NULL);
INSERT INTO grid SELECT i, 60 + 40 * i / 999.0 FROM generate_series(0, 999) AS i;

SELECT sim.create_model('j1b', :'j1b');
SELECT sim.create_model('j1n', :'j1n');
SELECT sim.create_model('cost', :'cost');
SELECT sim.create_model('j4', :'j4');
SELECT sim.create_model('cycles', :'cycles');
SELECT sim.create_model('grid', :'grid');
SELECT count(sim.create_scenario('cost', 's' || i, jsonb_build_object('energy_cost', 60 + 0.04 * i)) IS NULL)
FROM generate_series(1, 999) AS i;
