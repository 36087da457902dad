"""A project that lives on DRF's authtoken, django-rest-knox or djangorestframework-api-key, as OLD
says, with tokens in use; then it moves in.
"""
