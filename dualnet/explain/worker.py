"""The process that does the server's mathematics: one JSON request a line, bounded in memory, ended when too slow."""

import json
import os
import subprocess
import sys
import threading

from dualnet.errors import DualnetError

SECONDS = 1.0        # one request, after the process has started
START_SECONDS = 60.0
MEGABYTES = 200      # more than the process holds once all is imported
MAX_REQUEST = 20_000
MAX_REPLY = 4_000_000


def answer(request):
    """The reply to one request: a dict of :meth:`Explanation.to_dict`, or ``{"error": message}``.

    Examples
    --------
    >>> answer({"text": "x**2", "at": {"x": 3}, "closed": False})["steps"][-1]["value"]
    '9'
    >>> answer({"text": "x+", "at": {"x": 3}})["error"][:13]
    'not a formula'
    """
    from dualnet import explain
    from dualnet.explain.data import closed_forms, numbers
    from dualnet.explain.typed import trace_text

    try:
        text, at, wrt = request.get("text"), request.get("at"), request.get("wrt")
        if not isinstance(text, str) or not isinstance(at, dict) or not isinstance(wrt, (list, type(None))):
            return {"error": "a request holds text, at and wrt"}
        if request.get("names"):
            return {"names": list(_names(text))}
        if request.get("numbers"):
            return numbers(trace_text(text, at, wrt or None, symbols=False))
        explanation = explain(text, at=at, wrt=wrt or None)
        if request.get("page"):
            return {"page": explanation.html()}
        if request.get("proof"):
            return {"closed_form": closed_forms(explanation), "document": explanation.latex()}
        return explanation.to_dict(closed=bool(request.get("closed", True)))
    except DualnetError as error:
        return {"error": " ".join(str(error).split())[:600]}
    except (ArithmeticError, MemoryError, RecursionError, TypeError, ValueError) as error:
        return {"error": f"this cannot be worked out: {type(error).__name__}"}


def _names(text):
    from dualnet.formula import parse

    return parse(text).names


def main():
    """Answer requests until the input ends."""
    import sympy  # noqa: F401  imported before the first request, so that none pays for it

    answer({"text": "log(x)+x*y", "at": {"x": 1.0, "y": 2.0}})
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    sys.stdout = sys.stderr
    _limit()
    print("ready", file=out, flush=True)
    for line in sys.stdin:
        reply = json.dumps(answer(json.loads(line)))
        print(reply if len(reply) <= MAX_REPLY else '{"error": "the answer is too large to show"}', file=out, flush=True)


def _limit():
    """At most so much memory more than now, where the system can say how much it is."""
    try:
        import resource

        with open("/proc/self/statm", encoding="ascii") as statm:
            now = int(statm.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEGABYTES * 2**20, now + MEGABYTES * 2**20))
    except (ImportError, OSError, ValueError):
        pass


class Worker:
    """A worker process, started ahead, ended and started anew when a request takes too long."""

    def __init__(self):
        self._lock = threading.Lock()
        self._process, self._ready = None, None
        self._start()

    def _start(self):
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONUTF8": "1"}
        self._process = subprocess.Popen([sys.executable, "-m", "dualnet.explain.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.DEVNULL, env=environment, text=True, encoding="utf-8")
        self._ready = False

    def _line(self, seconds):
        """One line of the process, or None after so many seconds; then the process is ended."""
        timer = threading.Timer(seconds, self._process.kill)
        timer.start()
        try:
            line = self._process.stdout.readline()
        finally:
            timer.cancel()
        return line or None

    def ask(self, request):
        """The reply to a request; one at a time.

        Examples
        --------
        >>> worker = Worker()
        >>> worker.ask({"text": "x*y", "at": {"x": 2, "y": 3}})["results"]
        ['L']
        >>> worker.close()
        """
        written = json.dumps(request)
        if len(written) > MAX_REQUEST:
            return {"error": f"a request holds at most {MAX_REQUEST} characters; shorten the formula or its values"}
        with self._lock:
            if not self._ready:
                self._ready = self._line(START_SECONDS) is not None
            try:
                self._process.stdin.write(written + "\n")
                self._process.stdin.flush()
                reply = self._line(SECONDS)
            except (BrokenPipeError, OSError):
                reply = None
            if reply is None:
                self._end()
                self._start()
                return {"error": f"this takes more than {SECONDS:g} s or {MEGABYTES} MB; make the formula smaller"}
        return json.loads(reply)

    def _end(self):
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                stream.close()
            except OSError:
                pass

    def close(self):
        """End the process."""
        with self._lock:
            self._end()


if __name__ == "__main__":
    main()
