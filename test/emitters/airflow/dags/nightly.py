"""Two DAGs as people write them: one that works, with inlets and outlets, and one whose task fails."""

from airflow.providers.common.compat.openlineage.facet import Dataset
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

WAREHOUSE = "postgres://warehouse.example:5432"

with DAG("nightly", schedule=None, tags=["team:drama", "nightly"], description="Loads what was watched."):
    load = BashOperator(
        task_id="load",
        owner="team:ingest",
        bash_command="true",
        inlets=[Dataset(namespace=WAREHOUSE, name="views")],
        outlets=[Dataset(namespace=WAREHOUSE, name="daily")],
    )
    load >> BashOperator(task_id="report", bash_command="true")

with DAG("broken", schedule=None, default_args={"owner": "team:docs"}):
    BashOperator(task_id="fail", bash_command="test \"$MENDED\" = yes")

with DAG("tagged", schedule=None, default_args={"owner": "user:jo"}, tags=["team:kids", "nightly"]):
    BashOperator(task_id="load", bash_command="true")
