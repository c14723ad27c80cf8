"""HAR 1.2, the HTTP archives that browsers and proxies write: cassettes to them and back."""

from cassettes.har.exporter import export
from cassettes.har.importer import HarFile

__all__ = ["HarFile", "export"]
