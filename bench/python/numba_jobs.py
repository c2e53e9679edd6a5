# numba_jobs.py -- the jobs as loops compiled by Numba on two threads.
#
#   python3 numba_jobs.py JOB TRIALS REPEATS [MARKET.csv]    prints median seconds and the answer
#
# Compilation happens in a first call that is not timed; NUMBA_CACHE_DIR keeps it for the next process.

import sys
import time

import numba
import numpy as np

MONTHS = 480
SPEND = 40000 / 12
PATH_PERCENTILES = (5, 25, 50, 75, 95)


@numba.njit(parallel=True, cache=True)
def bootstrap_path(trials, stock, bond, inflation):
    rows = len(stock)
    success = np.empty(trials)
    real_wealth = np.empty(trials)
    for trial in numba.prange(trials):
        price = 1.0
        wealth = 1e6
        row = 0
        for month in range(MONTHS):
            if month % 12 == 0:
                row = np.random.randint(0, rows)
            elif row == rows - 1:
                row = 0
            else:
                row += 1
            price *= 1 + inflation[row]
            wealth = max(0.0, wealth - SPEND * price) * (1 + 0.6 * stock[row] + 0.4 * bond[row])
        success[trial] = wealth > 0
        real_wealth[trial] = wealth / price
    return success, real_wealth


@numba.njit(parallel=True, cache=True)
def normal_path(trials):
    success = np.empty(trials)
    real_wealth = np.empty(trials)
    for trial in numba.prange(trials):
        price = 1.0
        wealth = 1e6
        for _ in range(MONTHS):
            price *= 1.0017
            growth = 1 + 0.6 * np.random.normal(0.0075, 0.04) + 0.4 * np.random.normal(0.0035, 0.015)
            wealth = max(0.0, wealth - SPEND * price) * growth
        success[trial] = wealth > 0
        real_wealth[trial] = wealth / price
    return success, real_wealth


@numba.njit(cache=True)
def settle_cost(energy, transport, tolerance):
    material = 100.0
    disposal = co2 = logistics = eco = 0.0
    change = 1.0
    while change > tolerance:
        new_disposal = 0.8 * material + co2
        new_co2 = 0.1 * energy + 0.05 * new_disposal
        new_logistics = transport + eco
        new_eco = 0.1 * new_logistics + 0.05 * new_co2
        change = max(abs(new_disposal - disposal), abs(new_co2 - co2), abs(new_logistics - logistics), abs(new_eco - eco))
        disposal, co2, logistics, eco = new_disposal, new_co2, new_logistics, new_eco
    return material + energy + disposal + co2 + logistics + eco


@numba.njit(parallel=True, cache=True)
def cost(trials):
    total = np.empty(trials)
    for trial in numba.prange(trials):
        total[trial] = settle_cost(np.random.normal(80, 12), np.random.triangular(20, 25, 40), 1e-3)
    return total


@numba.njit(cache=True)
def converge(points):
    total = np.empty(points)
    for i in range(points):
        total[i] = settle_cost(60 + 40 * i / (points - 1), 85 / 3, 1e-3)
    return total


@numba.njit(parallel=True, cache=True)
def lognormals(trials, means, deviations):
    total = np.empty(trials)
    for trial in numba.prange(trials):
        value = 0.0
        for i in range(len(means)):
            value += np.exp(means[i] + deviations[i] * np.random.normal())
        total[trial] = value
    return total


@numba.njit(cache=True)
def cycles():
    source = 100.0
    cell = np.empty(9)
    for _ in range(43):
        cell[:] = 0
        change = 1.0
        while change > 1e-3:
            value = 0.2 * cell[8] + 0.5 * source + 3
            change = abs(value - cell[0])
            cell[0] = value
            for place in range(1, 9):
                value = 0.7 * value + (place + 1)
                change = max(change, abs(value - cell[place]))
                cell[place] = value
        source = cell[8]
    return source


def path_answer(paths):
    success, real_wealth = paths
    return [success.mean(), *np.percentile(real_wealth, PATH_PERCENTILES)]


def cost_answer(total):
    return [total.mean(), total.std(ddof=1), *np.percentile(total, (5, 50, 95))]


def answer(job, trials, market):
    if job == "j1b":
        return path_answer(bootstrap_path(trials, *market))
    if job == "j1n":
        return path_answer(normal_path(trials))
    if job == "j2":
        return cost_answer(cost(trials))
    if job == "j3":
        total = converge(trials)
        return [total[0], total.sum(), total[-1]]
    if job == "j4":
        means = np.array([50.0 + 10 * i for i in range(1, 13)])
        ratios = np.array([10.0 + 2 * i for i in range(1, 13)]) / means
        variances = np.log1p(ratios**2)
        return np.percentile(lognormals(trials, np.log(means) - 0.5 * variances, np.sqrt(variances)), PATH_PERCENTILES)
    return [cycles()]


def main():
    job, trials, repeats = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    numba.set_num_threads(min(2, numba.config.NUMBA_NUM_THREADS))
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
