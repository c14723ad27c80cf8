"""Makes the OpenAPI 3.1 document of the admin listener from the table of its operations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import msgspec

from foundation.web.json_handler import Refused
from foundation.web.parameters import Parameters
from replayer.admin.operation import Operation

REF = "#/components/schemas/{name}"

ERRORS = {
    "400": "A parameter or the body is not as described here.",
    "401": "The server wants a bearer token, and this is not it.",
    "403": "The request is for another host, or comes from a page of another origin.",
    "413": "The body is too large.",
    "422": "A fault is not written as docs/faults.md says.",
    "500": "A cassette can no longer be read.",
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the document."""
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for operation in operations:
        paths[operation.path][operation.method.lower()] = described(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Chatreel: the admin listener of a replay", "version": version("chatreel")},
        "servers": [{"url": "/"}],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": schemas(operations),
            "responses": {
                status: {"description": why, "content": content(Refused)} for status, why in ERRORS.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def described(operation: Operation) -> dict[str, Any]:
    """Return the operation object of an operation."""
    object_: dict[str, Any] = {
        "operationId": operation.act.__name__,
        "summary": operation.summary,
        "responses": responses(operation),
    }
    if issubclass(operation.request, Parameters):
        return object_ | {"parameters": parameters(operation.request)}
    return object_ | {"requestBody": {"required": True, "content": content(operation.request)}}


def parameters(query: type[Parameters]) -> list[dict[str, Any]]:
    """Return the parameter objects of a query."""
    _, kinds = msgspec.json.schema_components([query])
    described = kinds[query.__name__]["properties"]
    return [
        {"name": name, "in": "query", "description": schema.pop("description"), "schema": schema}
        for name, schema in described.items()
    ]


def responses(operation: Operation) -> dict[str, Any]:
    """Return the responses of an operation by their status."""
    refused = {status: {"$ref": f"#/components/responses/{status}"} for status in ERRORS}
    if operation.response is None:
        return {"204": {"description": "Done."}, **refused}
    done = {"description": "Done.", "content": content(operation.response, operation.media_type)}
    return {"200": done, **refused}


def content(kind: Any, media_type: str = "application/json") -> dict[str, Any]:
    """Return the content object of a body of this type."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=REF)
    return {media_type: {"schema": schema}}


def schemas(operations: Sequence[Operation]) -> dict[str, Any]:
    """Return the schemas of all bodies by their names."""
    bodies = [one.request for one in operations if not issubclass(one.request, Parameters)]
    kinds = [Refused, *bodies, *(one.response for one in operations if one.response is not None)]
    _, named = msgspec.json.schema_components(kinds, ref_template=REF)
    return named
