"""Runs the kernels compiled for WebAssembly in wasmtime and prints, for each, the processor seconds of one round, the least of some.

    kernels.py KERNELS.wasm ROUNDS
"""
import sys
import time

import wasmtime

engine = wasmtime.Engine()
module = wasmtime.Module.from_file(engine, sys.argv[1])
for number in range(4):
    store = wasmtime.Store(engine)
    kernel = wasmtime.Instance(store, module, []).exports(store)["kernel"]
    kernel(store, number)
    best = float("inf")
    for _ in range(int(sys.argv[2])):
        start = time.process_time()
        kernel(store, number)
        best = min(best, time.process_time() - start)
    print(number, best)
