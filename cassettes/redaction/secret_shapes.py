r"""The shapes of secrets: what is a secret wherever it stands, in any text, by the way it looks.

Each shape has the literal `prefixes` it begins with, which are searched for first, and a pattern. The group `kept` of a
pattern, which comes first, stays in a stand-in, so that a reader sees what stood there, and so that a stand-in has the
shape of its secret. The alphabets are wider than those of the issuers where that makes a pattern simpler; what they let
in besides is no word either.

The facts are those that issuers publish, and that the rule sets of gitleaks, detect-secrets and trufflehog agree on.
Libraries of that kind read whole lines of files; here a secret may still be arriving, so the patterns are our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import regex

from cassettes.redaction.randomness import is_random

LONGEST = 1 << 14
"""Bytes of a secret that are looked at: more than a private key of 8192 bits has."""


def _any(_value: bytes) -> bool:
    return True


@dataclass(frozen=True)
class SecretShape:
    """One shape; `accepts` judges what stands behind the part that is kept."""

    kind: str
    prefixes: tuple[str, ...]
    pattern: regex.Pattern[bytes]
    example: str
    accepts: Callable[[bytes], bool] = field(default=_any)


def _key(
    kind: str, issuer: str, prefixes: str, rest: str, *, accepts: Callable[[bytes], bool] = _any
) -> SecretShape:
    """A shape of one or more prefixes, each followed by the same kind of characters."""
    listed = tuple(prefixes.split())
    start = "|".join(regex.escape(prefix) for prefix in sorted(listed, key=len, reverse=True))
    pattern = regex.compile(f"(?P<kept>{start}){rest}".encode())
    return SecretShape(kind, listed, pattern, f"{issuer}: `{listed[0]}...`", accepts)


ANY = r"[A-Za-z0-9_-]"
PLAIN = r"[A-Za-z0-9]"


def _mixed(value: bytes) -> bool:
    return is_random(value, 12)


SHAPES: tuple[SecretShape, ...] = (
    _key("llm key", "Anthropic", "sk-ant-", ANY + "{16,}"),
    _key("llm key", "OpenRouter", "sk-or-v1- sk-or-", ANY + "{16,}"),
    _key("llm key", "OpenAI, Stability, DeepSeek and others", "sk- sk-proj- sk-svcacct- sk-admin- sk-lf- pk-lf-",
         ANY + "{16,}", accepts=_mixed),
    _key("llm key", "Groq", "gsk_", PLAIN + "{32,}"),
    _key("llm key", "xAI", "xai-", PLAIN + "{32,}"),
    _key("llm key", "Perplexity", "pplx-", PLAIN + "{32,}"),
    _key("llm key", "Replicate", "r8_", ANY + "{32,}"),
    _key("llm key", "Hugging Face", "hf_ api_org_", PLAIN + "{30,}"),
    _key("llm key", "NVIDIA", "nvapi-", ANY + "{40,}"),
    _key("llm key", "Fireworks", "fw_", PLAIN + "{22,}", accepts=_mixed),
    _key("llm key", "Together", "tgp_v1_", ANY + "{30,}"),
    _key("llm key", "Voyage", "pa-", ANY + "{40,}", accepts=_mixed),
    _key("llm key", "Jina", "jina_", ANY + "{40,}"),
    _key("llm key", "Pinecone", "pcsk_", ANY + "{30,}"),
    _key("llm key", "Tavily, Firecrawl", "tvly- fc-", ANY + "{20,}", accepts=_mixed),
    _key("llm key", "LangSmith", "lsv2_pt_ lsv2_sk_", ANY + "{30,}"),
    _key("llm key", "Dify", "app- dataset-", PLAIN + "{24}(?![A-Za-z0-9_-])", accepts=_mixed),
    _key("cloud key", "Google", "AIza", ANY + "{35}"),
    _key("cloud key", "Google OAuth", "ya29. GOCSPX-", ANY + "{20,}"),
    _key("cloud key", "AWS", "AKIA ASIA ABIA ACCA", "[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _key("cloud key", "DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", "[0-9a-f]{32,}"),
    _key("cloud key", "Databricks", "dapi", "[0-9a-f]{32}", accepts=_mixed),
    _key("cloud key", "Vault", "hvs. hvb.", ANY + "{20,}"),
    _key("cloud key", "Azure storage", "AccountKey= SharedAccessKey=", "[A-Za-z0-9+/]{40,}={0,2}"),
    _key("cloud key", "Supabase", "sbp_", "[0-9a-f]{32,}"),
    _key("code host key", "GitHub", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", r"\w{30,}"),
    _key("code host key", "GitLab", "glpat- gldt- glrt- glcbt- glptt- gloas-", ANY + "{20,}"),
    _key("code host key", "npm, PyPI", "npm_ pypi-AgEI", ANY + "{30,}"),
    _key("code host key", "Atlassian", "ATATT3 ATCTT3", r"[\w=-]{40,}"),
    _key("service key", "Slack", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxe- xoxe.xoxp- xapp-", ANY + "{10,}",
         accepts=lambda value: any(0x30 <= byte <= 0x39 for byte in value)),
    _key("service key", "Slack's webhooks", "hooks.slack.com/services/", "[A-Za-z0-9/]{20,}"),
    _key("service key", "Stripe", "sk_live_ sk_test_ rk_live_ rk_test_ whsec_", r"[A-Za-z0-9+/=]{16,}"),
    _key("service key", "SendGrid", "SG.", r"[\w-]{16,}\.[\w-]{16,}"),
    _key("service key", "Mailgun", "key-", "[0-9a-f]{32}(?![0-9a-f])", accepts=_mixed),
    _key("service key", "Shopify", "shpat_ shpca_ shppa_ shpss_", "[0-9a-fA-F]{32}"),
    _key("service key", "Notion, Linear, Figma", "ntn_ lin_api_ figd_", ANY + "{30,}"),
    _key("service key", "Sentry, Grafana", "sntrys_ sntryu_ glsa_ glc_", r"[\w=+/-]{30,}"),
    _key("service key", "Postman, Tailscale, age", "PMAK- tskey- AGE-SECRET-KEY-", ANY + "{20,}", accepts=_mixed),
    SecretShape(
        "jwt", ("eyJ",),
        regex.compile(rb"(?P<kept>eyJ)[\w-]{6,}\.(?P<claims>eyJ)?[\w-]{6,}(?:\.[\w-]*){1,3}"),
        "a JSON Web Token (RFC 7519): `eyJ....eyJ....`",
    ),
    SecretShape(
        "private key", ("-----BEGIN",),
        regex.compile(
            rb"(?P<kept>-----BEGIN (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----)"
            rb"(?:(?!-----(?:END|BEGIN))[\s\S]){16,}"
        ),
        "a PEM block (RFC 7468): `-----BEGIN PRIVATE KEY-----...`",
    ),
    SecretShape(
        "credentials in text", ("Bearer ", "Bearer%20", "Bearer+"),
        regex.compile(rb"(?i:(?P<kept>bearer(?: |%20|\+)+))[\w.~+/=-]{12,}"),
        "credentials (RFC 6750): `Bearer ...`", _mixed,
    ),
    SecretShape(
        "credentials in text", ("Basic ", "Basic%20", "Basic+"),
        regex.compile(rb"(?i:(?P<kept>basic(?: |%20|\+)+))[\w+/=-]{12,}"),
        "credentials (RFC 7617): `Basic ...`", _mixed,
    ),
    SecretShape(
        "service key", (":AA",),
        regex.compile(rb"(?P<kept>:AA)[\w-]{32,36}(?![\w-])"),
        "Telegram's bots: `123456789:AA...`", _mixed,
    ),
)  # fmt: skip
"""The table. Where two shapes begin at one place, the first that matches counts."""

BY_PREFIX: dict[bytes, list[SecretShape]] = {}
for _shape in SHAPES:
    for _prefix in _shape.prefixes:
        BY_PREFIX.setdefault(_prefix.lower().encode(), []).append(_shape)

PREFIXES = tuple(BY_PREFIX)
"""The prefixes in lower case."""

EXACT = regex.compile(b"|".join(regex.escape(prefix) for prefix in sorted(PREFIXES, key=len, reverse=True)))


def shape_of(value: bytes) -> tuple[SecretShape, tuple[tuple[int, int], ...]] | None:
    """Return the shape that a whole value has, and the places of what is kept of it; None when it has none."""
    prefix = EXACT.match(value.lower())
    if prefix is None:
        return None
    for size in range(len(prefix[0]), 1, -1):
        for shape in BY_PREFIX.get(prefix[0][:size], ()):
            found = shape.pattern.fullmatch(value)
            if found and shape.accepts(value[found.end("kept") :]):
                return shape, kept_parts(found)
    return None


def kept_parts(found: regex.Match[bytes]) -> tuple[tuple[int, int], ...]:
    """Return the places of what a stand-in keeps of a match, from its beginning on."""
    begin = found.start()
    return tuple(
        (start - begin, end - begin)
        for start, end in (found.span(name) for name in found.re.groupindex)
        if start >= 0
    )
