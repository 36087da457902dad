from django.urls import path

from integrations.outbound.views.endpoints import EndpointList

app_name = "webhooks"
urlpatterns = [
    path("", EndpointList.as_view(), name="list"),
]
