"""The signature of a model that is being exported: from its transform, its head and its training data."""

from headrace.deploy.signature.digests import digest_parts
from headrace.deploy.signature.make_signature import make_signature

__all__ = ["digest_parts", "make_signature"]
