"""What sources of files share: finding and opening files, choosing columns."""
