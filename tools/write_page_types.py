"""Writes inspector/static/core/api_types.d.ts, the types of what the page's scripts get from the server: `make docs`.

They are made from the structs that the server encodes and from its tables of paths, so that the type checker finds
a script that reads a field that is no longer there.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_origin, get_type_hints

import msgspec
from msgspec import NODEFAULT
from msgspec.inspect import (
    AnyType,
    BoolType,
    BytesType,
    CollectionType,
    DictType,
    Field,
    FloatType,
    IntType,
    LiteralType,
    Metadata,
    NoneType,
    StrType,
    StructType,
    TupleType,
    Type,
    UnionType,
    type_info,
)

from inspector.handlers.changes import Change
from inspector.handlers.export import ExportRequest
from inspector.handlers.recording_switch import RecordingSwitch
from inspector.handlers.send import RequestToSend, SentRequest
from inspector.handlers.upload_handlers import Imported
from inspector.routes import ID, VIEWS
from replayer.admin.operations import OPERATIONS

TARGET = Path(__file__).parent.parent / "inspector" / "static" / "core" / "api_types.d.ts"

HEAD = "// What the server's API answers. Written by `make docs` from the structs that the server encodes.\n"

WITHOUT_A_PATH = (Change, ExportRequest, Imported, RequestToSend, SentRequest, RecordingSwitch)
"""Structs of paths that answer with a stream, take a body or answer with a file."""

PRIMITIVES: dict[type[Type], str] = {
    AnyType: "unknown",
    BoolType: "boolean",
    BytesType: "string",  # msgspec encodes bytes as base64
    FloatType: "number",
    IntType: "number",
    NoneType: "null",
    StrType: "string",
}


def page_types() -> str:
    """The whole file: an interface for each struct, and the struct that each path answers with."""
    answers = dict(
        sorted(paths(), key=lambda path: -len(path[0]))
    )  # `exchange/*` would also match `exchange/*/moments`
    roots = [*answers.values(), *WITHOUT_A_PATH]
    structs = {one.cls.__name__: one for root in roots for one in structs_in(type_info(root))}
    interfaces = "".join(f"\n{interface(structs[name])}" for name in sorted(structs))
    return f"{HEAD}{interfaces}\n{answer_type(answers)}"


def paths() -> Iterator[tuple[str, Any]]:
    """Each path of the inspector, and of a replay's admin API with its slash, that answers with JSON, and its type."""
    for path, (view, _) in VIEWS.items():
        yield path.replace(ID, "${string}").replace(r"(\d{1,9})", "${number}"), answer_of(view)
    for operation in OPERATIONS:
        if inspect.isclass(operation.response) and issubclass(operation.response, msgspec.Struct):
            yield operation.path, operation.response


def answer_of(view: Any) -> Any:
    """The struct that a view returns; one that returns JSON says in an annotation of which struct."""
    hint = get_type_hints(view, include_extras=True)["return"]
    return hint.__metadata__[0] if get_origin(hint) is Annotated else hint


def structs_in(kind: Type) -> Iterator[StructType]:
    """The structs that a type is made of, itself among them."""
    match kind:
        case StructType(fields=fields):
            yield kind
            for field in fields:
                yield from structs_in(field.type)
        case Metadata(type=inner) | CollectionType(item_type=inner) | DictType(value_type=inner):
            yield from structs_in(inner)
        case UnionType(types=inner) | TupleType(item_types=inner):
            for one in inner:
                yield from structs_in(one)
        case _:
            pass


def interface(struct: StructType) -> str:
    """A struct as an interface; the comment names the module whose docstring says what the fields mean."""
    members = "".join(f"  {member(field)};\n" for field in struct.fields)
    source = struct.cls.__module__.replace(".", "/")
    return f"/** See {source}.py. */\nexport interface {struct.cls.__name__} {{\n{members}}}\n"


def member(field: Field) -> str:
    """A field; one without a default that is not required is UNSET, and then absent. Any other is always written."""
    can_be_absent = not field.required and field.default is NODEFAULT and field.default_factory is NODEFAULT
    mark = "?" if can_be_absent else ""
    return f"{field.encode_name}{mark}: {typescript(field.type)}"


def typescript(kind: Type) -> str:
    """A type in TypeScript's words; raises TypeError for one that no answer has so far."""
    match kind:
        case StructType(cls=cls):
            return cls.__name__
        case Metadata(type=inner):
            return typescript(inner)
        case LiteralType(values=values):
            return " | ".join(map(json.dumps, values))
        case UnionType(types=types):
            return " | ".join(map(typescript, types))
        case TupleType(item_types=types):
            return f"[{', '.join(map(typescript, types))}]"
        case CollectionType(item_type=inner):
            text = typescript(inner)
            return f"({text})[]" if " | " in text else f"{text}[]"
        case DictType(value_type=inner):
            return f"Record<string, {typescript(inner)}>"
        case _ if type(kind) in PRIMITIVES:
            return PRIMITIVES[type(kind)]
        case _:
            raise TypeError(f"no TypeScript is known for {kind}")


def answer_type(answers: dict[str, Any]) -> str:
    """The type that leads from a path to what it answers."""
    lines = "".join(
        f"  Path extends {f'`{path}`' if '$' in path else json.dumps(path)} ? {answer.__name__} :\n"
        for path, answer in answers.items()
    )
    return f"/** What a path answers with. */\nexport type Answer<Path extends string> =\n{lines}  never;\n"


if __name__ == "__main__":
    TARGET.write_text(page_types(), encoding="utf-8")
