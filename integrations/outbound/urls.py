from django.urls import path

from integrations.outbound.views import endpoints, log

app_name = "webhooks"
urlpatterns = [
    path("", endpoints.EndpointList.as_view(), name="list"),
    path("add/", endpoints.Add.as_view(), name="add"),
    path("verify/", log.HowToVerify.as_view(), name="verify"),
    path("<int:pk>/", log.EndpointPage.as_view(), name="endpoint"),
    path("<int:pk>/edit/", endpoints.Edit.as_view(), name="edit"),
    path("<int:pk>/delete/", endpoints.Delete.as_view(), name="delete"),
    path("<int:pk>/off/", endpoints.SwitchOff.as_view(), name="off"),
    path("<int:pk>/on/", endpoints.SwitchOn.as_view(), name="on"),
    path("<int:pk>/rotate/", endpoints.Rotate.as_view(), name="rotate"),
    path("<int:pk>/secret/", endpoints.ShowSecret.as_view(), name="secret"),
    path("<int:pk>/end-old-secret/", endpoints.EndOldSecret.as_view(), name="end-old-secret"),
    path("<int:pk>/test/", log.SendTest.as_view(), name="test"),
    path("<int:pk>/resend/", log.ResendSince.as_view(), name="resend-since"),
    path("<int:pk>/deliveries/<int:delivery_pk>/resend/", log.Resend.as_view(), name="resend"),
    path("<int:pk>/deliveries/<int:delivery_pk>/stop/", log.Stop.as_view(), name="stop"),
]
