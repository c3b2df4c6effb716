"""Takes too much: `greedy.py memory` up to 1.5 GB in steps, `greedy.py tasks` for 25 s as many processes as it gets."""

import os
import signal
import sys
import time


def memory():
    taken = []
    while len(taken) < 96:
        taken.append(b"x" * 16_000_000)
        print(len(taken) * 16, "MB", flush=True)
    print("all of it")


def tasks():
    children, refusal, end = [], None, time.monotonic() + 25
    while time.monotonic() < end:
        try:
            child = os.fork()
        except OSError as error:
            refusal = error
            time.sleep(0.1)
            continue
        if child == 0:
            signal.pause()
        children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
    print(f"{len(children)} tasks, then: {refusal}")


{"memory": memory, "tasks": tasks}[sys.argv[1]]()
