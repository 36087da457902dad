from django.urls import path

from accounts.team import views

app_name = "team"
urlpatterns = [
    path("team/", views.TeamList.as_view(), name="list"),
    path("team/invite/", views.Invite.as_view(), name="invite"),
    path("team/<int:pk>/", views.EditPerson.as_view(), name="edit"),
    path("team/<int:pk>/disable/", views.Disable.as_view(), name="disable"),
    path("team/<int:pk>/enable/", views.Enable.as_view(), name="enable"),
    path("team/<int:pk>/delete/", views.Close.as_view(), name="close"),
    path("team/invitations/<int:pk>/again/", views.SendAgain.as_view(), name="again"),
    path("team/invitations/<int:pk>/withdraw/", views.Withdraw.as_view(), name="withdraw"),
    path("join/<str:text>/", views.Join.as_view(), name="join"),
]
