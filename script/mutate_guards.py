"""Removes safety guards one by one in a copy and tells whether their tests fail; see `script/mutate`."""

import argparse
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
import gc
from importlib import import_module
from multiprocessing import get_context
import os
from pathlib import Path
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib

import pytest

ROOT = Path(__file__).parents[1]
CODE = Path("custom_components", "energy_storage")
TESTS = Path("tests")
_COPIED = ("custom_components", "script", "tests")
_PYTEST = ("-x", "-q", "--tb=line", "--disable-warnings", "-p", "no:cacheprovider")
_WORKERS = 2
_LONGEST_S = 300.0
_TEST_FAILED = re.compile(r"^\d+ failed\b", re.MULTILINE)
_NOT_A_MUTATION = re.compile(r"\b(NameError|UnboundLocalError|ImportError)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One guard, what stands in its place when it is gone, and the test that then must fail."""

    id: str
    file: str
    """Below the integration's folder."""
    old: str
    new: str
    test: str
    """Node id below `tests/`."""

    def applied_to(self, source: str) -> str:
        """Give the source without the guard.

        Raises:
            ValueError: the guard is not there, or there is more than one.

        """
        if (count := source.count(self.old)) != 1:
            raise ValueError(f"the guard is {count} times in {self.file}, instead of once")
        return source.replace(self.old, self.new)


class Verdict(StrEnum):
    """What became of a mutation."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"
    """Nothing was learned: it could not be applied, or no test ran to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A mutation's verdict; `said` is what pytest printed."""

    mutation: Mutation
    verdict: Verdict
    seconds: float
    said: str


def mutations() -> tuple[Mutation, ...]:
    """Give every mutation, file by file."""
    return tuple(
        Mutation(file=file, **row)
        for part in sorted((ROOT / TESTS / "mutations").glob("*.toml"))
        for file, rows in tomllib.loads(part.read_text(encoding="utf-8")).items()
        for row in rows
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line says; 0 when every mutation was caught."""
    asked = parser().parse_args(arguments)
    everything = mutations()
    for name in asked.names:
        if not any(mutation.id.startswith(name) for mutation in everything):
            print(f"No mutation's id begins with {name}.", file=sys.stderr)
            return 2
    chosen = [m for m in everything if not asked.names or m.id.startswith(tuple(asked.names))]
    if asked.list:
        for mutation in chosen:
            print(f"{mutation.id:<52} {mutation.file:<32} {mutation.test}")
        return 0
    with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
        return _run(chosen, Path(folder))


def parser() -> argparse.ArgumentParser:
    """Say what the command line may hold."""
    parser = argparse.ArgumentParser(
        prog="script/mutate", description="Remove each safety guard in turn and see its test fail."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="beginning of an id; else all")
    parser.add_argument("--list", action="store_true", help="ids, files and tests; runs nothing")
    return parser


def _run(chosen: Sequence[Mutation], folder: Path) -> int:
    began, untouched = time.monotonic(), folder / "untouched"
    for name in _COPIED:
        shutil.copytree(ROOT / name, untouched / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy2(ROOT / "pyproject.toml", untouched)
    if not _passes(untouched, {mutation.test for mutation in chosen}):
        print(
            "With every guard in place these tests do not pass: nothing to learn from them.", file=sys.stderr
        )
        return 1
    found: list[Tried] = []
    with ProcessPoolExecutor(
        min(_WORKERS, len(chosen)),
        mp_context=get_context("spawn"),
        initializer=_settle,
        initargs=(untouched,),
    ) as pool:
        for tried in pool.map(_try, chosen):
            found.append(tried)
            print(_line(tried), flush=True)
    count = {verdict: sum(tried.verdict is verdict for tried in found) for verdict in Verdict}
    told = ", ".join(f"{number} {verdict}" for verdict, number in count.items())
    print(f"{len(found)} mutations: {told}; {time.monotonic() - began:.0f} s")
    return 0 if count[Verdict.CAUGHT] == len(found) else 1


def _passes(folder: Path, tests: Iterable[str]) -> bool:
    """Run tests with all guards in place; their byte code stays for the copies."""
    command = [sys.executable, "-m", "pytest", *_PYTEST, *(str(TESTS / test) for test in sorted(tests))]
    return subprocess.run(command, cwd=folder, check=False).returncode == 0  # noqa: S603  our own command


def _line(tried: Tried) -> str:
    line = f"{tried.verdict:<8} {tried.seconds:5.1f} s  {tried.mutation.id}"
    match tried.verdict:
        case Verdict.CAUGHT:
            return line
        case Verdict.SURVIVED:
            return f"{line}\n    {tried.mutation.file}, not missed by {tried.mutation.test}"
        case Verdict.BROKEN:
            return "\n    ".join((line, *tried.said.splitlines()[-8:]))


def _settle(untouched: Path) -> None:
    """Give this worker a copy of its own, and load what every test needs and no mutation touches."""
    own = Path(tempfile.mkdtemp(dir=untouched.parent))
    shutil.copytree(untouched, own, dirs_exist_ok=True)
    os.chdir(own)
    sys.path[:] = [str(own), *(entry for entry in sys.path if Path(entry) != ROOT)]
    sys.dont_write_bytecode = True
    _forget_copied()
    for name in ("tests.early", "pytest_homeassistant_custom_component.plugins", "hypothesis"):
        import_module(name)
    import_module(".".join(CODE.parts))
    gc.freeze()


def _try(mutation: Mutation) -> Tried:
    """Take the guard away in this worker's copy, run its test, put the guard back."""
    began, path = time.monotonic(), CODE / mutation.file
    source, times = path.read_text(encoding="utf-8"), path.stat()
    try:
        path.write_text(mutation.applied_to(source), encoding="utf-8")
        verdict, said = _judge(mutation.test)
    except ValueError as err:
        verdict, said = Verdict.BROKEN, str(err)
    finally:
        path.write_text(source, encoding="utf-8")
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return Tried(mutation=mutation, verdict=verdict, seconds=time.monotonic() - began, said=said)


def _judge(test: str) -> tuple[Verdict, str]:
    """Run a test in a fork of this worker, which spares it the start of Home Assistant."""
    log = Path("pytest.log")
    process = get_context("fork").Process(target=_pytest, args=(test, log))
    process.start()
    process.join(_LONGEST_S)
    if process.exitcode is None:
        process.kill()
        process.join()
    said = log.read_text(encoding="utf-8", errors="replace")
    if process.exitcode == pytest.ExitCode.OK:
        return Verdict.SURVIVED, said
    failed = process.exitcode == pytest.ExitCode.TESTS_FAILED and _TEST_FAILED.search(said)
    return Verdict.CAUGHT if failed and not _NOT_A_MUTATION.search(said) else Verdict.BROKEN, said


def _pytest(test: str, log: Path) -> None:
    with log.open("w") as file:
        os.dup2(file.fileno(), sys.stdout.fileno())
        os.dup2(file.fileno(), sys.stderr.fileno())
    _forget_copied()
    sys.exit(pytest.main([*_PYTEST, str(TESTS / test)]))


def _forget_copied() -> None:
    """Have everything that is in the copy imported anew."""
    for name in [name for name in sys.modules if name.partition(".")[0] in _COPIED]:
        del sys.modules[name]


if __name__ == "__main__":
    raise SystemExit(main())
