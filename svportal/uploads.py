"""Uploads never fill the disk, whoever sends them and wherever to."""

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """What of a file is beyond DOCUMENT_MAX_SIZE is read and thrown away.

    The one chunk that reaches beyond it is kept, so whoever looks at the size sees a file that is
    too large and can say so at its field.
    """

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.is_full = False

    def receive_data_chunk(self, raw_data, start):
        if self.is_full:
            return None
        self.is_full = start + len(raw_data) > settings.DOCUMENT_MAX_SIZE
        return raw_data

    def file_complete(self, file_size):
        return None
