"""Text files of one token per line: those of saved transforms, and those that users pass to layers."""

from headrace.transform.vocabulary_files.escapes import escape, unescape
from headrace.transform.vocabulary_files.read import VocabularyFile, read_vocabulary_file

__all__ = ["VocabularyFile", "escape", "read_vocabulary_file", "unescape"]
