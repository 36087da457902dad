from django.urls import include, path

from candidates.intake import views

intake = [
    path("<str:token>/", views.Start.as_view(), name="start"),
    path("<str:token>/consent/", views.Consent.as_view(), name="consent"),
    path("<str:token>/more/", views.More.as_view(), name="more"),
    path("<str:token>/<slug:step>/", views.StepOfLink.as_view(), name="step"),
]

urlpatterns = [path("bgv/", include((intake, "intake")))]
