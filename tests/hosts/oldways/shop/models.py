from django.db import models

from apitokens.attribution import Attributed


class Order(Attributed):
    title = models.CharField(max_length=100)

    def __str__(self):
        return self.title
