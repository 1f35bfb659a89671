"""Times a piece of work as the C# side does: warm-up, median, peak memory, one JSON line."""
import json
import multiprocessing
import time


def kilobytes(path, field):
    with open(path) as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field))


def peak_mb():
    """The most this process held, and what its worker processes hold without what they share with it."""
    workers = sum(kilobytes(f"/proc/{worker.pid}/smaps_rollup", "Pss:") for worker in multiprocessing.active_children())
    return (kilobytes("/proc/self/status", "VmHWM:") + workers) / 1024


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
