"""A subgraph of another team: the awards that shows won. Run it with `python awards.py --port 5001`."""

import argparse
import json
import os
from pathlib import Path
from typing import Optional

import jwt
import strawberry
import uvicorn
from starlette.responses import JSONResponse
from strawberry.asgi import GraphQL
from strawberry.federation import Schema


@strawberry.federation.type(keys=["id"], description="An award that a show won.")
class Award:
    id: strawberry.ID = strawberry.field(description="Stable: the giver, the year and the category.")
    year: int = strawberry.field(description="The year of the ceremony.")
    giver: str = strawberry.field(description="Who gives it.")
    category: str = strawberry.field(description="What it was given for.")
    show: strawberry.Private[str]

    @classmethod
    def resolve_reference(cls, id: strawberry.ID) -> Optional["Award"]:
        return AWARDS.get(id)


AWARDS = {row["id"]: Award(**row) for row in json.loads(Path(__file__).with_name("awards.json").read_text("utf-8"))}


# The show is loopgraph's: its id is the key, its title comes with it, and this subgraph adds a field.
@strawberry.federation.type(keys=["id"])
class Show:
    id: strawberry.ID
    match_title: str = strawberry.federation.field(external=True)

    @strawberry.federation.field(requires=["matchTitle"], description="The awards that it won, by the title it is known by; a season has its show's.")
    def awards(self) -> list[Award]:
        return [award for award in AWARDS.values() if self.match_title == award.show or self.match_title.startswith(f"{award.show}:")]

    @classmethod
    def resolve_reference(cls, id: strawberry.ID, matchTitle: str = "") -> "Show":
        return cls(id=id, match_title=matchTitle)


@strawberry.type
class Query:
    @strawberry.field(description="All awards, or those of a year.")
    def awards(self, year: Optional[int] = None) -> list[Award]:
        return [award for award in AWARDS.values() if year is None or award.year == year]


# loopgraph composes federation up to 2.9; strawberry would write 2.11.
schema = Schema(query=Query, types=[Award, Show], federation_version="2.9")
graphql = GraphQL(schema, graphql_ide=None)
GATEWAY_KEY = os.environ.get("GATEWAY_KEY")


async def app(scope, receive, send):
    """Where GATEWAY_KEY is set, answers only who brings a passport that a gateway with the same key signed."""
    if GATEWAY_KEY and scope["type"] == "http":
        passport = dict(scope["headers"]).get(b"x-loopgraph-caller", b"").decode("latin-1")
        try:
            claims = jwt.decode(passport, GATEWAY_KEY, algorithms=["HS256"], issuer="loopgraph", options={"require": ["exp", "sub"]})
        except jwt.InvalidTokenError as error:
            refusal = {"errors": [{"message": f"Expected a gateway's passport: {error}", "extensions": {"code": "UNAUTHENTICATED"}}]}
            return await JSONResponse(refusal, 401)(scope, receive, send)
        # Whoever asks, for resolvers that tell callers apart: claims["sub"] and claims["grants"].
        scope["caller"] = claims
    await graphql(scope, receive, send)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=5001)
    uvicorn.run(app, host="127.0.0.1", port=parser.parse_args().port, log_level="warning")
