"""Run the crawl-to-corpus job in this process, on Spark, or on Ray.

    python job.py --engine spark --master spark://… OUT WARC…
    python job.py --engine ray --address … OUT WARC…
    python job.py OUT WARC…

All workers must see the files under the same names. Run the same command again to go on after
a stop; `OUT/corpus` has the corpus, `OUT/counters.json` what was done by rule and stage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import crawl  # noqa: E402


def on_process(job: crawl.Job, name: str, kind: str, tasks: list[int]) -> None:
    """Run the tasks here, one after the other."""
    for number in tasks:
        crawl.run(job, name, kind, number)


def on_spark(job: crawl.Job, name: str, kind: str, tasks: list[int], *, session: Any) -> None:
    """Run each task as a partition: Spark runs those of a lost worker again."""

    def run(batches: Iterator[Any]) -> Iterator[Any]:
        for batch in batches:
            for place in batch.column(0).to_pylist():
                crawl.run(job, name, kind, tasks[place])
            yield batch

    places = session.range(0, len(tasks), 1, len(tasks))
    places.mapInArrow(run, "id long").count()


def on_ray(job: crawl.Job, name: str, kind: str, tasks: list[int]) -> None:
    """Run each task by itself: Ray runs those of a lost worker again."""
    import ray

    remote = ray.remote(max_retries=8, scheduling_strategy="SPREAD")(crawl.run)
    ray.get([remote.remote(job, name, kind, number) for number in tasks])


def run_job(job: crawl.Job, engine: Any, **options: Any) -> None:
    """Run all kinds of tasks, each when the ones before are done."""
    name = job.name
    for kind in crawl.KINDS:
        if tasks := job.tasks(kind):
            engine(job, name, kind, tasks, **options)
    counters = crawl.total(job)
    (Path(job.out) / "counters.json").write_text(counters.to_json() + "\n", "utf-8")


def spark_session(master: str) -> Any:
    """Start or join Spark; workers get `crawl.py` from here, zhfix must be installed there."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("crawl-to-corpus")
    session = (builder.master(master) if master else builder).getOrCreate()
    session.addArtifacts(str(HERE / "crawl.py"), pyfile=True)
    return session


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", metavar="OUT")
    parser.add_argument("inputs", metavar="WARC", nargs="+")
    parser.add_argument("--engine", choices=["process", "spark", "ray"], default="process")
    parser.add_argument("--master", default="", help="of Spark, such as local[2]")
    parser.add_argument("--address", default=None, help="of Ray; a Ray of its own if not given")
    parser.add_argument("--to", default=None, help="a locale, such as zh-Hans")
    parser.add_argument("--buckets", type=int, default=16)
    chosen = parser.parse_args()
    job = crawl.Job.of(chosen.inputs, chosen.out, chosen.to, chosen.buckets)
    if chosen.engine == "spark":
        run_job(job, on_spark, session=spark_session(chosen.master))
    elif chosen.engine == "ray":
        import ray

        ray.init(address=chosen.address, runtime_env={"working_dir": str(HERE)})
        run_job(job, on_ray)
    else:
        run_job(job, on_process)


if __name__ == "__main__":
    main()
