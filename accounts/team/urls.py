from django.urls import path, re_path

from accounts.team import views

app_name = "team"
urlpatterns = [
    path("team/", views.TeamList.as_view(), name="list"),
    path("team/invite/", views.Invite.as_view(), name="invite"),
    path("team/<int:pk>/", views.EditPerson.as_view(), name="edit"),
    path("team/<int:pk>/disable/", views.Disable.as_view(), name="disable"),
    path("team/<int:pk>/enable/", views.Enable.as_view(), name="enable"),
    path("team/<int:pk>/delete/", views.Close.as_view(), name="close"),
    re_path(
        r"^team/invitations/(?P<pk>\d{1,18})/(?P<act>again|withdraw)/$",
        views.InvitationAct.as_view(), name="invitation",
    ),
    path("join/<str:text>/", views.Join.as_view(), name="join"),
]  # fmt: skip
