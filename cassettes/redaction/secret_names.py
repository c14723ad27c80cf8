"""Which header and key names announce a secret.

Key names are compared without case, `-`, `_` and `.`, so that `apiKey`, `api-key` and `API_KEY` are one name.
"""

from __future__ import annotations

import re

SECRET_HEADERS = frozenset(
    [
        "authorization",
        "proxy-authorization",
        "x-authorization",
        "x-original-authorization",
        "x-forwarded-authorization",
        "x-api-key",
        "api-key",
        "apikey",
        "x-apikey",
        "x-api-token",
        "x-api-secret",
        "x-auth-token",
        "x-auth-key",
        "x-access-token",
        "x-refresh-token",
        "x-id-token",
        "x-session-token",
        "x-token",
        "x-csrf-token",
        "x-csrftoken",
        "x-xsrf-token",
        "x-secret",
        "x-amz-security-token",
        "x-amzn-oidc-data",
        "x-amzn-oidc-accesstoken",
        "x-goog-api-key",
        "x-goog-iap-jwt-assertion",
        "x-ms-token-aad-access-token",
        "x-ms-token-aad-id-token",
        "x-ms-client-principal",
        "ocp-apim-subscription-key",
        "x-functions-key",
        "x-rapidapi-key",
        "x-vault-token",
        "x-gitlab-token",
        "private-token",
        "job-token",
        "x-hub-signature",
        "x-hub-signature-256",
        "x-slack-signature",
        "x-stripe-signature",
        "stripe-signature",
        "cf-access-jwt-assertion",
        "cf-access-client-secret",
        "x-forwarded-access-token",
        "x-auth-request-access-token",
        "x-openai-api-key",
        "anthropic-api-key",
        "dd-api-key",
        "dd-application-key",
        "x-shopify-access-token",
        "authentication",
    ]
)

KEY_NAMES = frozenset(
    name.encode()
    for name in [
        "password",
        "passwd",
        "pwd",
        "passphrase",
        "secret",
        "clientsecret",
        "token",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "sessiontoken",
        "csrftoken",
        "xsrftoken",
        "csrfmiddlewaretoken",
        "bearertoken",
        "securitytoken",
        "xamzsecuritytoken",
        "apikey",
        "xapikey",
        "privatekey",
        "secretkey",
        "secretaccesskey",
        "awssecretaccesskey",
        "accesskey",
        "accesskeyid",
        "subscriptionkey",
        "authorization",
        "proxyauthorization",
        "credential",
        "credentials",
        "xamzcredential",
        "xamzsignature",
        "xgoogsignature",
        "xgoogcredential",
        "sig",
    ]
)

KEY_ENDINGS = (b"password", b"passwd", b"passphrase", b"secret", b"apikey", b"privatekey", b"secretkey")

TOKEN_ENDING = re.compile(rb"(?:[-_.][Tt][Oo][Kk][Ee][Nn]|[a-z0-9]Token)$")

STEMS = tuple(
    b"passw passphrase pwd secret token apikey api_key api-key api.key privatekey private_key private-key "
    b"private.key accesskey access_key access-key subscriptionkey subscription_key subscription-key authorization "
    b"credential x-amz-signature x-goog-signature sig=".split()
)
"""Words in lower case, one of which is in every secret name: text without any of them has no such name."""

AMBIGUOUS = b"token"
"""The one name that is a piece of the answer as often as a credential: chatbots stream `{"token": "Hello"}`."""


def plain(name: bytes) -> bytes:
    """A key name as it is compared."""
    return name.lower().translate(None, b"-_.")


def is_secret(name: bytes) -> bool:
    """Whether a JSON key, a form field or a url parameter of this name holds a secret."""
    bare = plain(name)
    return bare in KEY_NAMES or bare.endswith(KEY_ENDINGS) or TOKEN_ENDING.search(name) is not None
