"""The tokens in an OpenAPI schema. Imported only where drf-spectacular is installed."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class APITokenScheme(OpenApiAuthenticationExtension):
    """drf-spectacular finds it by being imported."""

    target_class = "apitokens.authentication.APITokenAuthentication"
    name = "APIToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The security scheme, as OpenAPI 3 writes it."""
        return {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An API token: `Authorization: Bearer <JWT>`. Deleting it on the "
            "settings page ends it at once; renaming it changes nothing for the caller.",
        }


class LegacyTokenScheme(OpenApiAuthenticationExtension):
    """The header of the old secrets, which are no Bearer tokens."""

    target_class = "apitokens.authentication.LegacyTokenAuthentication"
    name = "LegacyToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """The security scheme, as OpenAPI 3 writes it."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "A secret from before the API tokens: `Token …` or `Api-Key …`. It ends "
            "when the header `Sunset` of each answer says.",
        }
