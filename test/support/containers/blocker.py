"""An author's container whose predict holds the interpreter's lock in native code for as many milliseconds as the first element says."""

import ctypes

from tradewind import serve

# PyDLL, unlike CDLL, does not let go of the lock around a call.
LIBC = ctypes.PyDLL(None)


def block(x):
    LIBC.usleep(int(x[0, 0]) * 1000)
    return x


serve(block, inputs={"x": ("float32", [1])}, outputs={"y": ("float32", [1])})
