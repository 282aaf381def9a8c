"""A saved question of loopgraph as a pandas data frame.

    python question_frame.py questions/WhoUsesThePlatform.graphql platformUse.groups

asks http://127.0.0.1:4000/graphql (or --url) and prints the frame. `ask` and `to_frame` are what a notebook imports.
"""

import argparse
import json
from pathlib import Path

import pandas as pd
from gql import Client, GraphQLRequest
from gql.transport.requests import RequestsHTTPTransport


def ask(url: str, document: str, variables: dict | None = None) -> dict:
    """Answers a GraphQL document. Raises TransportQueryError with the server's message where it is refused."""
    client = Client(transport=RequestsHTTPTransport(url=url, timeout=30))
    return client.execute(GraphQLRequest(document, variable_values=variables or {}))


def to_frame(answer: dict, rows: str) -> pd.DataFrame:
    """One row for each element of the list at the dotted path `rows`; nested objects become dotted columns."""
    found = answer
    for name in rows.split("."):
        found = found[name]
    if not isinstance(found, list):
        raise TypeError(f"expected a list at {rows}, got {type(found).__name__}")
    return pd.json_normalize(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print a saved question as a table.")
    parser.add_argument("document", type=Path, help="a .graphql file under questions/")
    parser.add_argument("rows", help="the dotted path of the list whose elements are the rows")
    parser.add_argument("--variables", type=json.loads, default={}, help="a JSON object")
    parser.add_argument("--url", default="http://127.0.0.1:4000/graphql")
    parser.add_argument("--csv", action="store_true", help="print comma-separated values instead of the frame")
    options = parser.parse_args()
    frame = to_frame(ask(options.url, options.document.read_text(), options.variables), options.rows)
    print(frame.to_csv(index=False) if options.csv else frame.to_string())


if __name__ == "__main__":
    main()
