# numpy_jobs.py -- the jobs as an analyst writes them with NumPy, in blocks of 10,000 trials.
#
#   python3 numpy_jobs.py JOB TRIALS REPEATS [MARKET.csv]    prints median seconds and the answer
#
# The same text runs inside the database as a plpython3u function, which calls answer().

import sys
import time

import numpy as np

BLOCK = 10000
MONTHS = 480
SPEND = 40000 / 12
PATH_PERCENTILES = (5, 25, 50, 75, 95)


def blocks(trials):
    for first in range(0, trials, BLOCK):
        yield first, min(BLOCK, trials - first)


def path_answer(success, real_wealth):
    return [success.mean(), *np.percentile(real_wealth, PATH_PERCENTILES)]


def bootstrap_path(trials, market, rng):
    stock, bond, inflation = market
    rows = len(stock)
    success = np.empty(trials)
    real_wealth = np.empty(trials)
    for first, n in blocks(trials):
        price = np.ones(n)
        wealth = np.full(n, 1e6)
        for month in range(MONTHS):
            if month % 12 == 0:
                start = rng.integers(0, rows, n)
            row = (start + month % 12) % rows
            price *= 1 + inflation[row]
            wealth = np.maximum(0, wealth - SPEND * price) * (1 + 0.6 * stock[row] + 0.4 * bond[row])
        success[first:first + n] = wealth > 0
        real_wealth[first:first + n] = wealth / price
    return path_answer(success, real_wealth)


def normal_path(trials, market, rng):
    success = np.empty(trials)
    real_wealth = np.empty(trials)
    for first, n in blocks(trials):
        price = 1.0
        wealth = np.full(n, 1e6)
        for _ in range(MONTHS):
            price *= 1.0017
            growth = 1 + 0.6 * rng.normal(0.0075, 0.04, n) + 0.4 * rng.normal(0.0035, 0.015, n)
            wealth = np.maximum(0, wealth - SPEND * price) * growth
        success[first:first + n] = wealth > 0
        real_wealth[first:first + n] = wealth / price
    return path_answer(success, real_wealth)


def settle_cost(energy, transport, tolerance):
    """The cost model in the order of its text until nothing changes by more than the tolerance."""
    material = 100.0
    disposal = np.zeros_like(energy)
    co2 = np.zeros_like(energy)
    logistics = np.zeros_like(energy)
    eco = np.zeros_like(energy)
    change = 1.0
    while change > tolerance:
        before = disposal, co2, logistics, eco
        disposal = 0.8 * material + co2
        co2 = 0.1 * energy + 0.05 * disposal
        logistics = transport + eco
        eco = 0.1 * logistics + 0.05 * co2
        change = max(np.abs(new - old).max() for new, old in zip((disposal, co2, logistics, eco), before))
    return material + energy + disposal + co2 + logistics + eco


def cost(trials, market, rng):
    total = np.empty(trials)
    for first, n in blocks(trials):
        energy = rng.normal(80, 12, n)
        transport = rng.triangular(20, 25, 40, n)
        total[first:first + n] = settle_cost(energy, transport, 1e-3)
    return [total.mean(), total.std(ddof=1), *np.percentile(total, (5, 50, 95))]


def converge(trials, market, rng):
    total = settle_cost(np.linspace(60, 100, trials), np.full(trials, 85 / 3), 1e-3)
    return [total[0], total.sum(), total[-1]]


def lognormals(trials, market, rng):
    total = np.empty(trials)
    for first, n in blocks(trials):
        block = np.zeros(n)
        for i in range(1, 13):
            mean = 50 + 10 * i
            variance = np.log1p(((10 + 2 * i) / mean)**2)
            block += rng.lognormal(np.log(mean) - 0.5 * variance, np.sqrt(variance), n)
        total[first:first + n] = block
    return list(np.percentile(total, PATH_PERCENTILES))


def cycles(trials, market, rng):
    """Loops of nine, one value each: NumPy has nothing to vectorise, as for a sheet recalculated after one change."""
    source = 100.0
    steps = np.arange(1.0, 10.0)
    for _ in range(43):
        cell = np.zeros(9)
        change = 1.0
        while change > 1e-3:
            before = cell.copy()
            cell[0] = 0.2 * cell[8] + 0.5 * source + 3
            for place in range(1, 9):
                cell[place] = 0.7 * cell[place - 1] + steps[place]
            change = np.abs(cell - before).max()
        source = cell[8]
    return [source]


JOBS = {"j1b": bootstrap_path, "j1n": normal_path, "j2": cost, "j3": converge, "j4": lognormals, "j5": cycles}


def answer(job, trials, market):
    return [float(value) for value in JOBS[job](trials, market, np.random.default_rng(1))]


def main():
    job, trials, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    market = None
    if len(sys.argv) > 4:
        market = np.loadtxt(sys.argv[4], delimiter=",", skiprows=1, usecols=(1, 2, 3)).T.copy()
    answer(job, min(trials, 1000), market)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        values = answer(job, trials, market)
        seconds.append(time.perf_counter() - start)
    print(sorted(seconds)[repeats // 2], *values)


if __name__ == "__main__":
    main()
