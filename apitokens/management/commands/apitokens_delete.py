from apitokens.management.base import ListingCommand, tokens
from apitokens.services import delete_token


class Command(ListingCommand):
    help = "Delete API tokens by public id: programs using them get 401 at once."

    def add_arguments(self, parser):
        parser.add_argument("public_id", nargs="+", help="tok_…")
        super().add_arguments(parser)

    def handle(self, *, public_id, json, **options):
        for token in tokens(public_id).values():
            done = delete_token(token=token, actor=None)
            if json:
                self.write_json(id=token.public_id, deleted=done)
            else:
                what = "deleted" if done else "was deleted before"
                self.stdout.write(f"{token.public_id} {what}")
