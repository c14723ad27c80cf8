"""The project's urls."""

from __future__ import annotations

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from sample_platform.analytics import urls as analytics
from sample_platform.analytics.content_policy import with_policy

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="assistant")),
    path("analytics/", include(analytics.urlpatterns)),
    path("accounts/login/", with_policy(LoginView.as_view(redirect_authenticated_user=True)), name="login"),
    path("accounts/logout/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
]
