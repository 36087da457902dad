from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class Team(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4)
    name = models.CharField(max_length=80)
    archived = models.BooleanField(default=False)

    def __str__(self):
        return self.name


class People(BaseUserManager):
    def create_user(self, email, password=None, **facts):
        person = self.model(email=self.normalize_email(email), **facts)
        person.set_password(password)
        person.save()
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    id = models.UUIDField(primary_key=True, default=uuid4)
    email = models.EmailField(unique=True)
    team = models.ForeignKey(Team, models.CASCADE, null=True)
    leads = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects = People()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["team"]

    def __str__(self):
        return self.email
