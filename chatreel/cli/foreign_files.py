"""Files of other programs given where a cassette is expected: they are converted on the way, into temporary ones."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from cassettes.file.other_formats import OtherFormat, format_of, is_foreign
from chatreel.cli.common_options import CassetteType
from chatreel.cli.stderr import report_line
from foundation.temporary_files import temporary_root

KINDS: dict[OtherFormat, str] = {
    "HAR": "a HAR file",
    "flow": "a flow file of mitmproxy",
    "vcrpy": "a cassette of vcrpy",
}


class RecordingType(CassetteType):
    """The path of a cassette, or of a HAR file, a flow file or vcrpy's, of which a temporary cassette is made."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The path of a cassette. Raises CassetteError for a file that cannot be read."""
        return as_cassette(super().convert(value, param, ctx))


def as_cassette(path: Path) -> Path:
    """The path of a cassette, which is a temporary one of the same name when the file is another program's.

    It is there until the command ends. Secrets are replaced in it as `chatreel convert` does. Raises CassetteError.
    """
    kind = format_of(path) or ("HAR" if is_foreign(path) and path.is_file() else None)
    if kind is None:
        return path
    from recorder.import_file import import_file  # noqa: PLC0415 - most files are cassettes

    folder = Path(tempfile.mkdtemp(prefix="chatreel-", dir=temporary_root()))
    click.get_current_context().find_root().call_on_close(lambda: shutil.rmtree(folder, ignore_errors=True))
    cassette = folder / "imported.jsonl"
    skipped = import_file(path, cassette, rules=(), report=report_line)
    left_out = f"; skipped {skipped.total()}" if skipped else ""
    report_line(f"{path} is read as {KINDS[kind]}{left_out}")
    return cassette.rename(folder / path.name)


RECORDING = RecordingType()
