"""The readers of answers; docs/chatbots.md shows how one is added.

The first reader that recognises one of the first events reads the answer, so a reader stands before one whose events
look like its own.
"""

from __future__ import annotations

from cassettes.answers.answer_reader import AnswerReader
from cassettes.answers.readers.agent_protocols import AgentToAgent, ModelContext
from cassettes.answers.readers.ai_sdk import DataStream, UiMessageStream
from cassettes.answers.readers.anthropic import Anthropic
from cassettes.answers.readers.bedrock import BedrockConverse, BedrockInvoke
from cassettes.answers.readers.cohere import Cohere, CohereV1
from cassettes.answers.readers.deep_research import DeepResearch
from cassettes.answers.readers.dify import Dify
from cassettes.answers.readers.gemini import Gemini
from cassettes.answers.readers.langchain import LangGraph, LangServe
from cassettes.answers.readers.mistral import Mistral
from cassettes.answers.readers.ollama import Ollama
from cassettes.answers.readers.openai_chat import OpenAIChat
from cassettes.answers.readers.openai_responses import OpenAIResponses
from cassettes.answers.readers.tgi import TextGenerationInference
from cassettes.answers.readers.unknown import UnknownChatbot

READERS: tuple[type[AnswerReader], ...] = (
    OpenAIResponses,
    Mistral,
    OpenAIChat,
    Anthropic,
    BedrockConverse,
    BedrockInvoke,
    Gemini,
    Ollama,
    Cohere,
    CohereV1,
    TextGenerationInference,
    DataStream,
    UiMessageStream,
    LangGraph,
    LangServe,
    Dify,
    AgentToAgent,
    ModelContext,
    DeepResearch,
)
"""The readers of known protocols, in the order in which they are asked."""

FALLBACK: type[AnswerReader] = UnknownChatbot
"""The reader of what no other one recognises."""
