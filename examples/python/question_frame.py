"""A question to loopgraph as a pandas data frame.

    python question_frame.py who-uses-the-platform platformUse.groups

asks a saved question by its name, a path that ends in .graphql asks the document in that file; at
http://127.0.0.1:4000/graphql (or --url). `ask_question`, `ask_document` and `to_frame` are what a notebook imports.
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd
import requests
from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportConnectionFailed, TransportError, TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from graphql import GraphQLError

TIMEOUT_SECONDS = 30


def ask_question(url: str, name: str, variables: dict | None = None) -> dict:
    """Answers a saved question: the server knows its document, and finishes its rows where it says so.

    Raises RuntimeError with the server's messages where the answer is not whole.
    """
    body = {"operationName": name, "variables": variables or {}}
    response = requests.post(url, json=body, timeout=TIMEOUT_SECONDS)
    answer = response.json()
    if "errors" in answer:
        raise RuntimeError("; ".join(error["message"] for error in answer["errors"]))
    return answer["data"]


def ask_document(url: str, document: str, variables: dict | None = None) -> dict:
    """Answers a GraphQL document. Raises TransportQueryError with the server's message where it is refused."""
    client = Client(transport=RequestsHTTPTransport(url=url, timeout=TIMEOUT_SECONDS))
    return client.execute(GraphQLRequest(document, variable_values=variables or {}))


def to_frame(answer: dict, rows: str) -> pd.DataFrame:
    """One row for each element of the list at the dotted path `rows`; nested objects become dotted columns."""
    found = answer
    for name in rows.split("."):
        if not isinstance(found, dict) or name not in found:
            raise TypeError(f"expected a list at {rows}, got an answer without {name} there")
        found = found[name]
    if not isinstance(found, list):
        raise TypeError(f"expected a list at {rows}, got {type(found).__name__}")
    return pd.json_normalize(found)


def main() -> None:
    parser = argparse.ArgumentParser(description="Print the answer to a question as a table.")
    parser.add_argument("question", help="a saved question's name, or the path of a .graphql file")
    parser.add_argument("rows", help="the dotted path of the list whose elements are the rows")
    parser.add_argument("--variables", type=json.loads, default={}, help="a JSON object")
    parser.add_argument("--url", default="http://127.0.0.1:4000/graphql")
    parser.add_argument("--csv", action="store_true", help="print comma-separated values instead of the frame")
    options = parser.parse_args()
    try:
        frame = to_frame(ask(options), options.rows)
    except (requests.ConnectionError, TransportConnectionFailed):
        sys.exit(f"no loopgraph answers at {options.url}: start one with npm start, or say where it is with --url")
    except TransportQueryError as error:
        sys.exit("; ".join(each["message"] for each in error.errors or []))
    except GraphQLError as error:
        sys.exit(f"{options.question}: {error.message}")
    except (OSError, RuntimeError, TypeError, TransportError) as error:
        sys.exit(str(error))
    print(frame.to_csv(index=False).rstrip("\n") if options.csv else frame.to_string())


def ask(options: argparse.Namespace) -> dict:
    if options.question.endswith(".graphql"):
        return ask_document(options.url, Path(options.question).read_text(), options.variables)
    return ask_question(options.url, options.question, options.variables)


if __name__ == "__main__":
    main()
