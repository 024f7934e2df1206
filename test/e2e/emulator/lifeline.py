"""Runs a Python program that ends, with everything it started, when standard input does.

The parent holds the other end of the pipe, so a parent that dies, however it dies, leaves no
process behind. The program must lead a process group of its own, and TMPDIR must name a folder of
its own, which is removed.

    python lifeline.py PATH [ARGUMENT...]        a script
    python lifeline.py -m MODULE [ARGUMENT...]   a module
"""

import os
import runpy
import shutil
import signal
import sys
import threading


def end_with_parent():
    while os.read(0, 4096):
        pass
    shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)


threading.Thread(target=end_with_parent, daemon=True).start()
del sys.argv[0]
if sys.argv[0] == "-m":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
