"""`evenhand bench screening`: the kernel with full lists, and the same work as a plain loop, in processes of their own.

Each part runs in a fresh process, so that memory and start-up are those of the kernel alone.
"""

import os
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc

from evenhand.flow.bench_lists import Load, write_lists, write_rules
from evenhand.flow.bench_posts import batches, made_posts, sentences
from evenhand.screening.native.memory import CHILDREN
from evenhand.vocabulary.errors import Fatal

BATCH = 8192
SEED = 6
MANY = 60
"""Posts in a hundred that rules act on, where verdicts are compared."""
Figures = dict[str, Any]


def bench_screening(
    directory: Path, load: Load, loop_posts: int, messages: Path | None, note: Callable[[str], None]
) -> Figures:
    """Make lists, rules and posts in a directory, and measure.

    Args:
        directory: Empty; holds up to 2 GB for the full lists.
        load: How much of everything.
        loop_posts: How many of the posts the plain loop judges too.
        messages: Labelled messages that posts are made of, beside those that come along.
        note: Told what is being done.

    Raises:
        Fatal: The plain loop came to other verdicts.
    """
    note("making lists, rules and posts")
    texts = sentences(messages)
    lists = directory / "lists"
    lists.mkdir()
    (directory / "data").mkdir()
    planted = write_lists(lists, load, texts, SEED)
    write_rules(directory / "rules", load.rules, SEED)
    write_rules(directory / "rules10", 10 * load.rules, SEED)
    made = made_posts(load.posts, texts, planted, SEED, load.acted_on)
    mean_bytes = _write_posts(directory / "posts.arrow", batches(made, BATCH))
    # Few of a real day's posts meet a rule, too few to compare by: others, of which most do, are judged beside them.
    many = made_posts(loop_posts, texts, planted, SEED + 2, MANY)
    _write_posts(directory / "hits.arrow", batches(many, BATCH))
    note("compiling the lists")
    first = _in_process(_start, directory)
    note("screening")
    kernel = _in_process(_kernel, directory, loop_posts)
    note("screening with ten times the rules, and with a tenth of the phrases")
    growth = _in_process(_growth, directory)
    note("the same as a plain loop")
    loop = _in_process(_loop, directory, loop_posts)
    verdicts, plain = kernel.pop("verdicts"), loop.pop("verdicts")
    if verdicts != plain:
        place = next(i for i, pair in enumerate(zip(verdicts, plain, strict=True)) if pair[0] != pair[1])
        raise Fatal(f"the plain loop says {plain[place]} of a post, the kernel {verdicts[place]}")
    return {
        **kernel,
        **loop,
        **growth,
        "ratio": kernel["posts_per_s_1core"] / loop["loop_posts_per_s"],
        "identical_verdicts": len(verdicts),
        "compile_s": first["startup_s"],
        "mean_bytes": mean_bytes,
        "load": asdict(load),
    }


def bench_kernel(data: Path, posts: Iterator[pa.RecordBatch]) -> Figures:
    """Return what screening alone makes of posts with a desk's lists and rules, on two cores: the door's yardstick.

    Args:
        data: The desk's data directory; nobody serves it now.
        posts: Batches as they come through the door.
    """
    _write_posts(data / "posts.arrow", posts)
    return _in_process(_desk_kernel, data)


def _desk_kernel(data: Path, started: float) -> Figures:  # noqa: ARG001 - every task is given it
    from evenhand.flow.screen import load_screener, screen_posts

    screener = load_screener(data)
    screener.lists.prepare()
    posts = _posts(data)
    list(screen_posts(screener, posts[:1]))
    total = sum(batch.num_rows for batch in posts)
    took, spent = time.perf_counter(), time.process_time()
    for _ in screen_posts(screener, posts, workers=2):
        pass
    took, spent = time.perf_counter() - took, time.process_time() - spent
    return {"posts_per_s": round(total / took), "processor_us_per_post": round(spent / total * 1e6, 1)}


def _write_posts(path: Path, parts: Iterator[pa.RecordBatch]) -> float:
    posts = size = 0
    writer = None
    for batch in parts:
        writer = writer or pa.ipc.new_file(path, batch.schema)
        writer.write_batch(batch)
        posts += batch.num_rows
        size += sum(len(text.encode()) for text in batch.column("text").to_pylist())
    assert writer is not None  # noqa: S101 - at least one post is made
    writer.close()
    return round(size / posts, 1)


def _posts(directory: Path, name: str = "posts") -> list[pa.RecordBatch]:
    with pa.memory_map(str(directory / f"{name}.arrow")) as source:
        reader = pa.ipc.open_file(source)
        return [reader.get_batch(i) for i in range(reader.num_record_batches)]


def _in_process(task: Callable[..., Figures], *args: Any) -> Figures:
    """Return what a task returns, run in a process of its own."""
    os.environ.update(CHILDREN)
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_sent, args=(theirs, task, args, time.time()))
    process.start()
    theirs.close()
    try:
        found: Figures = ours.recv()
    except EOFError as error:
        raise Fatal(f"a measuring process ended with code {process.exitcode}") from error
    finally:
        process.join()
    return found


def _sent(pipe: Connection, task: Callable[..., Figures], args: tuple[Any, ...], started: float) -> None:
    pipe.send(task(*args, started))


def _start(directory: Path, started: float, *, rules: str = "rules") -> Figures:
    screener = _screener(directory, rules)
    return {"startup_s": round(time.time() - started, 2), "edition": screener.edition}


def _screener(directory: Path, rules: str) -> Any:
    from evenhand.flow.screen import load_screener

    screener = load_screener(directory / "data", directory / "lists", directory / rules, shipped_lists=False)
    screener.lists.prepare()
    return screener


def _kernel(directory: Path, kept: int, started: float) -> Figures:
    from evenhand.flow.screen import has_compiled_loops, screen_posts

    screener = _screener(directory, "rules")
    startup = time.time() - started
    posts = _posts(directory)
    list(screen_posts(screener, posts[:1]))
    total = sum(batch.num_rows for batch in posts)
    cores = sorted(os.sched_getaffinity(0))
    stages: dict[str, float] = defaultdict(float)
    _run_on(cores[:1])
    verdicts: list[tuple[str, ...]] = []
    acted_on = 0
    one, one_cpu = time.perf_counter(), time.process_time()
    for said, _ in screen_posts(screener, posts, workers=1, mark=_stopwatch(stages)):
        if len(verdicts) < kept:
            verdicts += _told(said.slice(0, kept - len(verdicts)))
        acted_on += said.num_rows - said.column("verdict").to_pylist().count("allow")
    one, one_cpu = time.perf_counter() - one, time.process_time() - one_cpu
    _run_on(cores[:2])
    two, two_cpu = time.perf_counter(), time.process_time()
    for _ in screen_posts(screener, posts, workers=2):
        pass
    two, two_cpu = time.perf_counter() - two, time.process_time() - two_cpu
    hits = [told for said, _ in screen_posts(screener, _posts(directory, "hits")) for told in _told(said)]
    return {
        "compiled_loops": has_compiled_loops(),
        "posts_per_s_1core": round(total / one),
        "posts_per_s_2core": round(total / two),
        "cpu_us_per_post_1core": round(one_cpu / total * 1e6, 1),
        "cpu_us_per_post_2core": round(two_cpu / total * 1e6, 1),
        "stage_s": {name: round(value, 3) for name, value in stages.items()},
        "stage_us_per_post": {name: round(value / total * 1e6, 2) for name, value in stages.items()},
        "acted_on_share": round(acted_on / total, 3),
        "startup_s": round(startup, 2),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "verdicts": verdicts + hits,
    }


def _told(said: pa.Table) -> list[tuple[str, ...]]:
    return list(zip(*(said.column(name).to_pylist() for name in ("id", "verdict", "rule", "because")), strict=True))


def _stopwatch(stages: dict[str, float]) -> Callable[[str], None]:
    last = time.perf_counter()

    def mark(stage: str) -> None:
        nonlocal last
        now = time.perf_counter()
        stages[stage] += now - last
        last = now

    return mark


def _run_on(cores: list[int]) -> None:
    """Let every thread of this process run on these cores only, where the system can."""
    for task in Path("/proc/self/task").glob("*"):
        os.sched_setaffinity(int(task.name), cores)


def _growth(directory: Path, started: float) -> Figures:  # noqa: ARG001 - every task is given it
    """Return what ten times the rules and ten times the phrases cost, each over its own stage."""
    from evenhand.screening.counts import Window
    from evenhand.screening.phrases import PhraseMatcher, Phrases
    from evenhand.screening.signals import read_texts

    posts = _posts(directory)[:4]
    few, many = (_screener(directory, rules) for rules in ("rules", "rules10"))
    _run_on(sorted(os.sched_getaffinity(0))[:1])
    signals = [few.measure(batch, Window()) for batch in posts]
    lists = [(i, each) for i, each in enumerate(few.lists.lists) if each.kind == "phrases"]
    tenth = PhraseMatcher([Phrases(i, each.match == "words", each.entries.gather_every(10)) for i, each in lists])
    texts = [read_texts(_texts(batch)).normalised for batch in posts]
    return {
        "rules_10x_cost": round(_times(few.winners, many.winners, signals), 2),
        "phrases_10x_cost": round(_times(tenth.hits, few.lists.phrases.hits, texts), 2),
    }


def _texts(batch: pa.RecordBatch) -> Any:
    import polars as pl

    return pl.Series(batch.column("text"))


def _times(few: Callable[[Any], Any], many: Callable[[Any], Any], inputs: list[Any]) -> float:
    """Return how many times longer the second takes, by the best of five rounds each."""
    best = []
    for task in (few, many):
        rounds = []
        for _ in range(5):
            begun = time.perf_counter()
            for each in inputs:
                task(each)
            rounds.append(time.perf_counter() - begun)
        best.append(min(rounds))
    return best[1] / best[0]


def _loop(directory: Path, posts: int, started: float) -> Figures:  # noqa: ARG001 - every task is given it
    from evenhand.screening.plain import PlainScreener

    screener = _screener(directory, "rules")
    plain = PlainScreener(screener)
    rows = list(islice((row for batch in _posts(directory) for row in batch.to_pylist()), posts))
    begun = time.perf_counter()
    verdicts = [plain.judge(row) for row in rows]
    took = time.perf_counter() - begun
    plain = PlainScreener(screener)
    verdicts += [plain.judge(row) for batch in _posts(directory, "hits") for row in batch.to_pylist()]
    return {"loop_posts_per_s": round(len(rows) / took, 1), "loop_posts": len(rows), "verdicts": verdicts}
