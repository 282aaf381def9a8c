"""Emits with openlineage-python as its documentation has it; the client reads where and how from its own environment variables.

python emit.py night|many|tagged PREFIX     prints the run ids by job as JSON
"""

import json
import sys
from datetime import datetime, timedelta, timezone

import attr
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import DatasetEvent, InputDataset, Job, JobEvent, OutputDataset, Run, RunEvent, RunState, StaticDataset
from openlineage.client.facet_v2 import (
    RunFacet,
    column_lineage_dataset,
    error_message_run,
    input_statistics_input_dataset,
    nominal_time_run,
    output_statistics_output_dataset,
    ownership_dataset,
    ownership_job,
    parent_run,
    schema_dataset,
    tags_run,
)
from openlineage.client.uuid import generate_new_uuid

PRODUCER = "https://example.com/nightly"
NAMESPACE = "python-client"
WAREHOUSE = "postgres://warehouse.example:5432"
START = datetime(2026, 3, 2, 1, 0, tzinfo=timezone.utc)

mode, prefix = sys.argv[1:]
client = OpenLineageClient()
runs: dict[str, str] = {}


@attr.define
class Ticket(RunFacet):
    """A facet of nobody's standard."""

    number: int = 0


def name(job: str) -> str:
    return f"{prefix}.{job}"


def emit(state: RunState, job: str, minutes: float, *, facets=None, job_facets=None, inputs=(), outputs=()) -> None:
    run_id = runs.setdefault(job, str(generate_new_uuid()))
    client.emit(
        RunEvent(
            eventType=state,
            eventTime=(START + timedelta(minutes=minutes, microseconds=123456)).isoformat(),
            run=Run(run_id, dict(facets or {})),
            job=Job(NAMESPACE, name(job), dict(job_facets or {})),
            inputs=list(inputs),
            outputs=list(outputs),
            producer=PRODUCER,
        )
    )


def child_of(parent: str, root: str) -> dict:
    run_of = lambda job: runs.setdefault(job, str(generate_new_uuid()))
    return {
        "parent": parent_run.ParentRunFacet(
            run=parent_run.Run(run_of(parent)),
            job=parent_run.Job(NAMESPACE, name(parent)),
            root=parent_run.Root(run=parent_run.RootRun(run_of(root)), job=parent_run.RootJob(NAMESPACE, name(root))),
        )
    }


def columns(*fields: tuple[str, str]) -> schema_dataset.SchemaDatasetFacet:
    return schema_dataset.SchemaDatasetFacet([schema_dataset.SchemaDatasetFacetFields(field, kind) for field, kind in fields])


def night() -> None:
    views, daily = name("views"), name("daily")
    reads = InputDataset(
        WAREHOUSE,
        views,
        facets={"schema": columns(("show", "VARCHAR"), ("watched_s", "BIGINT"))},
        inputFacets={"inputStatistics": input_statistics_input_dataset.InputStatisticsInputDatasetFacet(rowCount=900)},
    )
    made_from = lambda field: column_lineage_dataset.Fields([column_lineage_dataset.InputField(WAREHOUSE, views, field)])
    writes = {
        "schema": columns(("show", "VARCHAR"), ("hours", "DOUBLE")),
        "columnLineage": column_lineage_dataset.ColumnLineageDatasetFacet({"show": made_from("show"), "hours": made_from("watched_s")}),
    }
    wrote = output_statistics_output_dataset.OutputStatisticsOutputDatasetFacet(rowCount=42, size=4096)
    nominal = {"nominalTime": nominal_time_run.NominalTimeRunFacet(START.isoformat(), (START + timedelta(days=1)).isoformat())}
    below = child_of("nightly", "nightly")

    # The children come before their parent, which says for whom.
    emit(RunState.START, "load", 1, facets={**below, **nominal, "tickets": Ticket(number=7)}, inputs=[reads])
    emit(RunState.RUNNING, "load", 2, facets=below, inputs=[reads])
    emit(RunState.COMPLETE, "load", 5, facets=below, inputs=[reads], outputs=[OutputDataset(WAREHOUSE, daily, facets=writes, outputFacets={"outputStatistics": wrote})])
    emit(RunState.START, "report", 6, facets=child_of("load", "nightly"), inputs=[InputDataset(WAREHOUSE, daily)])
    error = error_message_run.ErrorMessageRunFacet("division by zero", "python", "Traceback: …")
    emit(RunState.FAIL, "report", 7, facets={**child_of("load", "nightly"), "errorMessage": error})
    emit(RunState.START, "stopped", 6, facets=below, job_facets={"ownership": ownership_job.OwnershipJobFacet([ownership_job.Owner("team:docs", "MAINTAINER")])})
    emit(RunState.ABORT, "stopped", 8, facets=below)
    emit(RunState.START, "open", 6, facets={"tags": tags_run.TagsRunFacet([tags_run.TagsRunFacetFields("team", "news", "USER")])})
    emit(RunState.START, "nobody", 6)
    emit(RunState.COMPLETE, "nobody", 6.5)
    owned = {"ownership": ownership_job.OwnershipJobFacet([ownership_job.Owner("drama", "team")])}
    emit(RunState.START, "nightly", 0, job_facets=owned)
    emit(RunState.COMPLETE, "nightly", 9)

    client.emit(
        DatasetEvent(
            eventTime=START.isoformat(),
            producer=PRODUCER,
            dataset=StaticDataset(
                WAREHOUSE,
                name("catalogued"),
                facets={
                    "schema": columns(("id", "UUID")),
                    "ownership": ownership_dataset.OwnershipDatasetFacet([ownership_dataset.Owner("team:archive")]),
                },
            ),
        )
    )
    client.emit(
        JobEvent(
            eventTime=START.isoformat(),
            producer=PRODUCER,
            job=Job(NAMESPACE, name("designed"), {"ownership": ownership_job.OwnershipJobFacet([ownership_job.Owner("team:archive")])}),
            inputs=[InputDataset(WAREHOUSE, daily)],
            outputs=[OutputDataset(WAREHOUSE, name("catalogued"))],
        )
    )


def many() -> None:
    """Of 100 runs every tenth fails, and every tenth, five apart, never ends."""
    for number in range(100):
        emit(RunState.START, f"job-{number}", number / 10)
        if number % 10 != 5:
            emit(RunState.COMPLETE if number % 10 else RunState.FAIL, f"job-{number}", number / 10 + 1)


def tagged() -> None:
    emit(RunState.START, "tagged", 1)
    emit(RunState.COMPLETE, "tagged", 2)


{"night": night, "many": many, "tagged": tagged}[mode]()
client.close()
print(json.dumps(runs))
