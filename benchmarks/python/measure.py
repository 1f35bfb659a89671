"""Times a piece of work as the C# side does: warm-up, median, peak memory, one JSON line."""
import json
import time


def peak_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) / 1024


def report(work, repetitions, units=1):
    for _ in range(max(2, repetitions // 5)):
        work()
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000 / units)
    times.sort()
    print(json.dumps({"median_ms": times[len(times) // 2], "peak_mb": peak_mb()}))
