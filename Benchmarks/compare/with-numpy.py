"""What numpy takes for what the modules montecarlo and matmul do: processor seconds, the least of three."""

import sys
import time

import numpy


def option():
    random = numpy.random.Generator(numpy.random.Philox(1))
    total = 0.0
    for _ in range(20):
        price = 100 * numpy.exp(0.03 + 0.2 * random.standard_normal(1_000_000))
        total += numpy.maximum(price - 100, 0).sum()
    return total


def product():
    return LEFT @ RIGHT


LEFT, RIGHT = numpy.random.rand(2, 2000, 2000)
WORK = {"option": option, "product": product}[sys.argv[1]]


def seconds():
    start = time.process_time()
    WORK()
    return time.process_time() - start


print(round(min(seconds() for _ in range(3)), 3))
