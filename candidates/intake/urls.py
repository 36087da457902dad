from django.urls import include, path

from candidates.intake import views

intake = [path("<str:token>/", views.Start.as_view(), name="start")]

urlpatterns = [path("bgv/", include((intake, "intake")))]
