"""What chatbots, their clients and their tools really say, and what must be recorded as it was said."""

from __future__ import annotations

import json

from tests.recorder.planted_secrets import Traffic, event

UUID = "3f2b9c1e-7d4a-4b0e-9c55-0a1b2c3d4e5f"
OPAQUE = "CAoSNjE3NTEwMDQ4MDAwMDAwMDAwMDpBQlhf"
PROSE = "The password is a secret token: never share a key such as a passphrase."


def words(name: str, text: str = "Hello world, this is the answer you wanted, is it not ?") -> list[object]:
    return [{name: f" {word}"} for word in text.split()]


ANSWERS: dict[str, list[object]] = {
    # Streams whose events have one short text each.
    "streamed token": words("token"),
    "streamed token of code": words("token", "x86_64 utf8mb4 sha256 v1.2.3 base64 i18n k8s 0xFF"),
    "streamed secret": words("secret"),
    "streamed key": words("key"),
    "streamed text token": words("text_token"),
    "TGI": [
        {
            "index": n,
            "token": {"id": n, "text": word, "logprob": -0.1, "special": False},
            "generated_text": None,
        }
        for n, word in enumerate(["Hello", " wor", "ld", "</s>"])
    ],
    "TGI's details": [{"details": {"finish_reason": "eos_token", "generated_tokens": 20, "seed": None}}],
    "OpenAI's chunk": [
        {
            "id": "chatcmpl-9xK2mQ7vT",
            "object": "chat.completion.chunk",
            "system_fingerprint": "fp_44709d6fcb",
            "choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi"}, "finish_reason": None}],
        }
    ],
    "OpenAI's logprobs": [
        {
            "choices": [
                {
                    "logprobs": {
                        "content": [
                            {
                                "token": "Hello",
                                "logprob": -0.31,
                                "bytes": [72, 101],
                                "top_logprobs": [{"token": "Hi", "logprob": -1.3}],
                            }
                        ]
                    }
                }
            ]
        }
    ],
    "OpenAI's usage": [
        {
            "usage": {
                "prompt_tokens": 9,
                "completion_tokens": 12,
                "total_tokens": 21,
                "completion_tokens_details": {"reasoning_tokens": 0, "accepted_prediction_tokens": 0},
            }
        }
    ],
    "OpenAI's tool call": [
        {
            "choices": [
                {
                    "delta": {
                        "tool_calls": [
                            {
                                "index": 0,
                                "id": "call_9pw3UiZq",
                                "function": {"name": "set_password", "arguments": '{"user": "ada"}'},
                            }
                        ]
                    }
                }
            ]
        }
    ],
    "OpenAI's responses": [
        {
            "type": "response.output_text.delta",
            "item_id": "msg_67c9fdcf37fc",
            "delta": "Hi",
            "sequence_number": 4,
        }
    ],
    "OpenAI's obfuscation": [{"type": "response.output_text.delta", "delta": "a", "obfuscation": "aZk3pQ9x"}],
    "Anthropic's start": [
        {
            "type": "message_start",
            "message": {
                "id": "msg_01XFDUDYJgAACzvnptvVoYEL",
                "usage": {"input_tokens": 25, "output_tokens": 1},
            },
        }
    ],
    "Anthropic's delta": [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hello"}}
    ],
    "Anthropic's thinking": [
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "the secret key is"}}
    ],
    "Anthropic's JSON": [
        {"type": "content_block_delta", "delta": {"type": "input_json_delta", "partial_json": '{"token": "a'}}
    ],
    "Anthropic's error": [
        {"type": "error", "error": {"type": "authentication_error", "message": "invalid x-api-key"}}
    ],
    "Gemini's chunk": [
        {
            "candidates": [{"content": {"parts": [{"text": "Hi"}], "role": "model"}, "tokenCount": 3}],
            "usageMetadata": {"promptTokenCount": 4, "totalTokenCount": 7},
            "modelVersion": "gemini-2.0-flash-001",
        }
    ],
    "Gemini's page": [{"models": [], "nextPageToken": OPAQUE}],
    "Cohere's tokens": [
        {"event_type": "text-generation", "text": "Hi", "meta": {"billed_units": {"input_tokens": 3}}}
    ],
    "Cohere's tokenizer": [{"tokens": [10002, 2261, 2012], "token_strings": ["token", "ize", " me"]}],
    "strings of tokens": [{"tokens": ["Hello", " world", "!", " x86", "_64"]}],
    "Ollama": [
        {"model": "llama3.2:3b-instruct-q4_K_M", "response": "Hi", "done": False, "context": [1, 2, 3]}
    ],
    "Ollama's end": [{"model": "llama3.2", "done": True, "eval_count": 290, "eval_duration": 4709213000}],
    "LangGraph": [
        {
            "langgraph_node": "agent",
            "langgraph_checkpoint_ns": f"agent:{UUID}",
            "thread_id": UUID,
            "run_id": UUID,
        }
    ],
    "Dify": [
        {
            "event": "message",
            "task_id": UUID,
            "conversation_id": UUID,
            "answer": "Hi",
            "created_at": 1705395332,
        }
    ],
    "Gradio": [
        {
            "msg": "process_completed",
            "event_id": "a1b2c3d4e5f6",
            "output": {"data": ["Hi"], "is_generating": False},
        }
    ],
    "time to first token": [
        {"time_to_first_token": 0.35, "timeToFirstToken": 352, "tokens_per_second": 41.2}
    ],
    "sampling": [
        {
            "max_new_tokens": 512,
            "max_tokens": 100,
            "stop_token": "</s>",
            "bos_token": "<s>",
            "eos_token": "<|im_end|>",
        }
    ],
    "special tokens": [
        {
            "pad_token": "[PAD]",
            "unk_token": "[UNK]",
            "mask_token": "[MASK]",
            "sep_token": "[SEP]",
            "cls_token": "[CLS]",
        }
    ],
    "token types": [{"token_type": "bearer", "expires_in": 3600, "token_type_ids": [0, 0, 1]}],
    "a result": [{"response": PROSE, "metadata": {"model": "claude-3-5-sonnet-20241022", "took_ms": 812}}],
    "a status": [{"progress": 10, "step": "authenticating", "message": "Checking the API key"}],
    "a job": [{"job_id": "job_fba3fec76ca387b5", "polling_url": "/api/v1/jobs/job_fba3fec76ca387b5"}],
    "sources": [
        {"sources": [{"title": "Tokens and keys", "url": "https://example.org/a?page=2&key=intro#token"}]}
    ],
    "a checksum": [
        {"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "etag": '"33a64df551"'}
    ],
    "validation": [{"errors": {"detail": "password: this field is required", "code": "invalid"}}],
    "booleans": [{"has_password": True, "password": None, "token": False, "secret": "", "api_key": None}],
    "numbers": [{"token": 15496, "tokens": 17, "key": 3, "secret": 1.5, "api_key": 0}],
    "a word for a key": [
        {"key": "intro", "primary_key": "id", "sort_key": "created_at", "cacheKey": "users"}
    ],
    "keys of things": [
        {"idempotency_key": UUID, "prompt_cache_key": "tenant7a9b3c1d", "public_key": "pk9a8b7c6d5e4f3a2b1c"}
    ],
    "keyboard": [{"hotkey": "ctrl+k", "key_code": 75, "keys": ["ArrowUp", "F12"], "monkey": "a1b2c3d4e5"}],
    "a map's pin": [{"pin": True, "pins": [{"lat": 52.5, "lng": 13.4}], "pinned": "yes"}],
    "authors": [{"author": "ada", "authored_by": "grace", "authority": "example.org"}],
    "designs": [{"design": "a1b2c3d4", "signal": "SIGTERM", "assigned": "x9y8z7w6"}],
    "versions": [{"version": "1.2.3-beta4+build5", "commit": "9c632b1", "model": "gpt-4o-mini-2024-07-18"}],
    "a date": [{"token": "2026-11-22T14:11:10Z", "secret": "2026"}],
    "a schema in an answer": [
        {"schema": {"properties": {"password": {"type": "string", "format": "password"}}}}
    ],
}

CODE = {
    "os.environ": 'client = OpenAI(api_key=os.environ["OPENAI_API_KEY"])',
    "os.getenv": 'token = os.getenv("TOKEN"); password=os.getenv("PASSWORD")',
    "process.env": "const c = new OpenAI({ apiKey: process.env.OPENAI_API_KEY });",
    "fetch": 'fetch(url, { credentials: "include", mode: "cors" })',
    "fetch with same-origin": 'fetch(url, {"credentials": "same-origin"})',
    "a shell variable": 'curl -H "Authorization: Bearer $OPENAI_API_KEY" -d password=$PASSWORD',
    "a placeholder": 'OpenAI(api_key="<your key>", password="***")',
    "another placeholder": 'OpenAI(api_key="your-api-key-here")',
    "a workflow": "password: ${{ secrets.PYPI_TOKEN }}",
    "a template": '"token": "{{ token }}", "api_key": "${API_KEY}"',
    "a call": "login(password=get_password(user), token=self.token)",
    "a comparison": "if token == password and key != secret: return",
    "a function": "def login(username, password=None, token=None, secret_key=default_key):",
    "a form": '<input type="password" name="password" placeholder="Password">',
    "a query": "SELECT password, token FROM users WHERE api_key = :api_key",
    "a type": "interface Login { password: string; token?: string; apiKey: string }",
    "an assertion": "assert response.json()['token'] is not None",
    "an option": "docker login --password-stdin; git config credential.helper store",
    "a url": "https://example.com/@ada/keys?tab=tokens&next_token=abc#secret",
    "a risk": "The task-force desk: ask-me-anything-about-risk-management-basics",
    "eyJ": "Base64 of JSON begins with eyJ, as in eyJ0 or eyJhbGc.",
    "sk-": "Keys begin with sk- or sk-ant-, AIza, AKIA, ghp_ and hf_; xoxb- is Slack's.",
    "bearer": "The bearer of this letter; Bearer tokens are explained in RFC 6750. Basic understanding.",
    "PEM": "A file that begins with -----BEGIN CERTIFICATE----- is no secret.",
    "an address": "mailto:ada@example.org and ssh://git.example.org/a.git",
    "a slug": "/docs/how-to-reset-your-password-in-3-easy-steps",
}

SCHEMAS: dict[str, object] = {
    "OpenAI's tool": {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "login",
                    "parameters": {
                        "type": "object",
                        "properties": {
                            "password": {"type": "string", "description": "The password"},
                            "api_key": {"type": ["string", "null"], "default": ""},
                            "token": {"description": "The token", "type": "string", "minLength": 8},
                        },
                        "required": ["password", "token"],
                    },
                },
            }
        ]
    },
    "Anthropic's tool": {
        "tools": [
            {"name": "x", "input_schema": {"properties": {"secret": {"title": "Secret", "type": "string"}}}}
        ]
    },
    "a reference": {
        "properties": {"credentials": {"$ref": "#/$defs/Credentials"}, "auth": {"anyOf": [{"type": "null"}]}}
    },
    "an enumeration": {
        "properties": {"token": {"enum": ["eos", "bos"]}, "credentials": {"enum": ["omit", "include"]}}
    },
    "MCP's tool": {
        "jsonrpc": "2.0",
        "id": 1,
        "result": {"tools": [{"inputSchema": {"properties": {"pin": {"type": "integer"}}}}]},
    },
    "MCP's progress": {
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": {"progressToken": 1, "progress": 2, "total": 5},
    },
    "MCP's progress in words": {"params": {"_meta": {"progressToken": "a7Kp2x9Qm4Zt81Lw"}}},
    "MCP's cursor": {"jsonrpc": "2.0", "result": {"nextCursor": OPAQUE, "resources": []}},
    "a request": {
        "model": "gpt-4o",
        "max_tokens": 100,
        "stream": True,
        "messages": [{"role": "user", "content": PROSE}],
    },
    "sampling": {
        "inputs": "Hi",
        "parameters": {"max_new_tokens": 20, "return_full_text": False, "stop": ["</s>"]},
    },
    "a page": {
        "page_token": OPAQUE,
        "pageToken": OPAQUE,
        "next_page_token": OPAQUE,
        "continuation_token": OPAQUE,
    },
    "AWS's pages": {
        "NextToken": OPAQUE,
        "NextContinuationToken": OPAQUE,
        "ExclusiveStartKey": {"id": {"S": OPAQUE}},
    },
    "sync": {"syncToken": OPAQUE, "resume_token": OPAQUE, "startPageToken": OPAQUE, "cursor_token": OPAQUE},
    "the contract's request": {
        "query": "what is a token?",
        "conversation_history": [],
        "auto_load_documents": True,
        "memory_enabled": True,
    },
    "an id": {"thread_id": UUID, "assistant_id": "asst_abc123DEF456ghi", "user": "user-8f3a2b1c9d"},
    "a language": {
        "language": "English",
        "tokenizer": "cl100k_base",
        "encoding": "o200k_base",
        "keywords": ["password"],
    },
}

URLS = {
    "pages": f"/v1/models?pageToken={OPAQUE}&pageSize=10",
    "a page": f"/items?page_token={OPAQUE}&next_token={OPAQUE}",
    "a limit": "/search?max_tokens=10&token_limit=5&key=name&tokens=3",
    "a job": "/api/v1/jobs/job_fba3fec76ca387b5?wait=true",
    "a key of words": "/i18n?key=welcome-message&secret=false&token=hello",
    "an anchor": "/docs/api-keys/tokens?sort_key=created_at&cache_key=9a8b7c6d5e4f3a2b",
    "a version": "/v1beta/models/gemini-1.5-flash-002:streamGenerateContent?alt=sse",
}

HEADERS = {
    "limits": (("x-ratelimit-remaining-tokens", "149984"), ("anthropic-ratelimit-tokens-limit", "50000")),
    "ids": (
        ("x-request-id", UUID),
        ("x-stainless-lang", "python"),
        ("traceparent", f"00-{'a1' * 16}-{'b2' * 8}-01"),
    ),
    "idempotency": (("Idempotency-Key", UUID), ("OpenAI-Organization", "org-a1b2c3d4e5f6")),
    "cache": (("ETag", '"33a64df551425fcc"'), ("X-Cache-Key", "users/a1b2c3d4e5f6a7b8")),
    "pages": (("X-Next-Page-Token", OPAQUE), ("x-ms-continuation-token", OPAQUE)),
    "agents": (("User-Agent", "OpenAI/Python 1.54.3"), ("Accept", "text/event-stream")),
}


def streamed(label: str, values: list[object]) -> Traffic:
    return Traffic(f"answer: {label}", (), answer=tuple(map(event, values)))


INNOCENT = [
    *(streamed(label, values) for label, values in ANSWERS.items()),
    *(
        Traffic(
            f"NDJSON: {label}",
            (),
            answer_media="application/x-ndjson",
            answer=tuple(json.dumps(value).encode() + b"\n" for value in ANSWERS[label]),
        )
        for label in ("streamed token", "Ollama", "Ollama's end", "TGI", "numbers", "sampling")
    ),
    *(streamed(f"code: {label}", [{"delta": {"text": text}}]) for label, text in CODE.items()),
    *(
        Traffic(f"asked: {label}", (), body=json.dumps({"query": text}).encode())
        for label, text in CODE.items()
        if label
        in ("os.environ", "fetch", "a shell variable", "a function", "a query", "a type", "sk-", "PEM")
    ),
    *(Traffic(f"request: {label}", (), body=json.dumps(value).encode()) for label, value in SCHEMAS.items()),
    *(Traffic(f"url: {label}", (), url=url) for label, url in URLS.items()),
    *(Traffic(f"headers: {label}", (), headers=headers) for label, headers in HEADERS.items()),
]
