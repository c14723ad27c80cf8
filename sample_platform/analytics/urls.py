"""The application's urls, below `/analytics/`."""

from __future__ import annotations

from django.urls import path

from sample_platform.analytics import views

urlpatterns = [
    path("assistant", views.assistant, name="assistant"),
    path("chat/stream", views.stream, name="chat-stream"),
    path("chat/<uuid:chat_id>/stop", views.stop, name="chat-stop"),
    path("chat/sessions", views.sessions, name="chat-sessions"),
    path("chat/sessions/<uuid:session_id>", views.session, name="chat-session"),
]
