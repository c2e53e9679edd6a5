-- models.sql -- loads the demo's data and models: psql -v data=examples/data -f examples/models.sql
--
-- The variable data names the folder examples/data. One text of the retirement plan serves four models: 30 and 40 years,
-- each with returns drawn from history and with history as it was.

SET client_min_messages = warning;
CREATE TABLE market (
  month date PRIMARY KEY,
  stock float8 NOT NULL,
  bond float8 NOT NULL,
  inflation float8 NOT NULL
);
COMMENT ON TABLE market IS 'monthly returns of stocks and ten-year bonds in the USA, and inflation, as fractions';
\cd :data
\copy market FROM 'us_market_monthly.csv' WITH (FORMAT csv, HEADER true)
\set retirement `cat ../retirement.sim`
\set plant_cost `cat ../plant_cost.sim`
ANALYZE market;

SELECT sim.create_model('retirement_40', :'retirement', comment => 'savings of 1,000,000 over 40 years');
SELECT sim.create_model(
  'retirement_30',
  replace(:'retirement', 'steps 480 month', 'steps 360 month'),
  comment => 'savings of 1,000,000 over 30 years');

-- The same plan on the past: trial i starts in month i of the data.
SELECT sim.create_model(
  'history_' || years,
  replace(source, 'bootstrap(market, block => 12)', 'historical(market)'),
  comment => format('the plan over %s years, begun in every month of the past', years))
FROM (VALUES (30), (40)) AS horizon(years)
JOIN sim.models ON name = 'retirement_' || years;

SELECT sim.bind(name, 'market', 'SELECT stock, bond, inflation FROM market ORDER BY month')
FROM sim.models
WHERE name ~ '^(retirement|history)_'
ORDER BY name;

SELECT sim.create_scenario('retirement_40', 'bonds', '{"equity_share": 0.3}');
SELECT sim.create_scenario('retirement_40', 'stocks', '{"equity_share": 0.9}');
SELECT sim.create_scenario('retirement_40', 'frugal', '{"yearly_spend": 30000}');

SELECT sim.create_model('plant_cost', :'plant_cost', comment => 'what a tonne costs at the gate');
