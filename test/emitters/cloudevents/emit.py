"""Sends events by both of the package's interfaces in both modes; prints a line of JSON for each: name, status, answer."""
import http.client
import json
import sys
from datetime import datetime, timezone

from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1.conversion import to_binary, to_structured
from cloudevents.v1.http import CloudEvent as FirstCloudEvent

address = sys.argv[1].removeprefix("http://")


def post(name, headers, body):
    # Not by urllib, which gives a body a form's content-type where the client gives none.
    connection = http.client.HTTPConnection(address)
    connection.request("POST", "/events", body=body, headers=headers)
    response = connection.getresponse()
    print(json.dumps({"name": name, "status": response.status, "answer": json.loads(response.read())}))
    connection.close()


def attributes(event_id, **more):
    return {"specversion": "1.0", "id": event_id, "source": "/python/größe 1%", "type": "com.example.python", **more}


for prefix, binary, structured, make in (
    ("core", to_binary_event, to_structured_event, lambda values, data: CloudEvent(attributes=values, data=data)),
    ("v1", to_binary, to_structured, lambda values, data: FirstCloudEvent(values, data)),
):
    time = datetime(2024, 5, 1, 10, 0, 0, 250000, tzinfo=timezone.utc)
    stamp = time if prefix == "core" else time.isoformat()
    for mode, convert in (("binary", binary), ("structured", structured)):
        name = f"{prefix}-{mode}"
        for attempt in range(2):
            message = convert(make(attributes(name, time=stamp, flag=True, subject='a "b" é'), {"name": "Ünïcode", "list": [1, None]}))
            headers, body = (message.headers, message.body) if prefix == "core" else message
            post(name, dict(headers), body)
        message = convert(make({**attributes(f"{name}-show"), "type": "loopgraph.show"}, {"namespace": "python", "title": name}))
        headers, body = (message.headers, message.body) if prefix == "core" else message
        post(f"{name}-show", dict(headers), body)
