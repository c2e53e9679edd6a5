-- bind.sql -- gives the models their rows, when the tables are filled.

SELECT sim.bind('j1b', 'market', 'SELECT stock, bond, inflation FROM market ORDER BY month');
SELECT sim.bind('grid', 'grid', 'SELECT energy FROM grid ORDER BY place');
ANALYZE;
